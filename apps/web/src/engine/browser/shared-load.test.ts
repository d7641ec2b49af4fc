import type { TaskOptions } from '@viscpm/core'
import { expect, it, vi } from 'vitest'
import { SharedLoad } from './shared-load.js'

function loads() {
  const calls: { task: Required<TaskOptions>; resolve: (value: Thing) => void; reject: (error: unknown) => void }[] = []
  const shared = new SharedLoad(task => new Promise<Thing>((resolve, reject) => calls.push({ task, resolve, reject })))
  return { calls, shared }
}

class Thing {
  readonly dispose = vi.fn(async () => {})
}

it('loads once for all, and tells all how far it is', async () => {
  const { calls, shared } = loads()
  const [first, second] = [vi.fn(), vi.fn()]
  const one = shared.get({ onProgress: first })
  calls[0]!.task.onProgress({ phase: 'download', done: 1 })
  const two = shared.get({ onProgress: second })
  calls[0]!.task.onProgress({ phase: 'download', done: 2 })
  expect(first.mock.calls.map(([{ done }]) => done)).toEqual([1, 2])
  expect(second.mock.calls.map(([{ done }]) => done)).toEqual([1, 2])
  const thing = new Thing()
  calls[0]!.resolve(thing)
  expect(await Promise.all([one, two, shared.get({})])).toEqual([thing, thing, thing])
  expect(calls).toHaveLength(1)
  await shared.dispose()
  expect(thing.dispose).toHaveBeenCalledOnce()
})

it('goes on as long as somebody waits, then stops and frees what comes too late', async () => {
  const { calls, shared } = loads()
  const [leaving, staying] = [new AbortController(), new AbortController()]
  const [left, stayed] = [shared.get(leaving), shared.get(staying)]
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  expect(calls[0]!.task.signal.aborted).toBe(false)
  staying.abort(new Error('gone too'))
  await expect(stayed).rejects.toThrow('gone too')
  expect(calls[0]!.task.signal.aborted).toBe(true)
  const late = new Thing()
  calls[0]!.resolve(late)
  const again = shared.get({})
  const thing = new Thing()
  calls[1]!.resolve(thing)
  expect(await again).toBe(thing)
  expect(late.dispose).toHaveBeenCalledOnce()
  // Loaded, it stays when somebody leaves.
  await expect(shared.get({ signal: AbortSignal.abort(new Error('never here')) })).rejects.toThrow('never here')
  expect(await shared.get({})).toBe(thing)
  expect(calls).toHaveLength(2)
})

it('tries again after a failure', async () => {
  const { calls, shared } = loads()
  const failing = shared.get({})
  calls[0]!.reject(new Error('broken'))
  await expect(failing).rejects.toThrow('broken')
  const again = shared.get({})
  calls[1]!.resolve(new Thing())
  expect(await again).toBeInstanceOf(Thing)
  await new SharedLoad(async () => new Thing()).dispose()
})
