import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatRequest, ChatResult, JobEvent, PaintedResult, PaintRequest } from '../jobs/types.js'
import { type LocalEngine, openEngine } from './index.js'

const picture = async (name: string) =>
  new Uint8Array(await readFile(new URL(`../../../../packages/tiny/pictures/${name}.png`, import.meta.url)))

let engine: LocalEngine
const chat = async (over: Partial<ChatRequest> = {}): Promise<ChatRequest> => ({
  kind: 'chat',
  model: 'tiny',
  image: await picture('apple'),
  turns: [],
  question: 'What is this?',
  decoding: { decoding: 'greedy' },
  ...over,
})
const paint: PaintRequest = {
  kind: 'paint',
  model: 'tiny',
  prompt: 'a red apple',
  count: 1,
  candidates: 1,
  seed: '7',
  steps: 2,
  previews: true,
}
const quiet = { signal: new AbortController().signal, emit: () => {} }

/** Children of this process that run a model. */
async function hosts(): Promise<number[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  return children.trim().split(' ').filter(Boolean).map(Number)
}

beforeAll(async () => {
  engine = await openEngine({ models: [{ id: 'tiny', where: 'tiny' }], threads: 1 })
  await engine.ready()
}, 120_000)
afterAll(async () => {
  await engine.dispose()
})

describe('the engine', () => {
  it('knows what its models can do', () => {
    expect(engine.models.map(({ id, kind }) => [id, kind])).toEqual([
      ['tiny', 'chat'],
      ['tiny', 'paint'],
    ])
    expect(engine.models[1]).toMatchObject({
      size: expect.any(Number),
      schedulers: expect.arrayContaining(['DDIMScheduler']),
    })
  })

  it('answers, telling the text as it grows', async () => {
    const events: JobEvent[] = []
    const result = (await engine.run(await chat(), { ...quiet, emit: event => void events.push(event) })) as ChatResult
    expect(result.answer.text).toMatch(/apple/i)
    const told = events.flatMap(event => (event.type === 'text' ? [event.text] : [])).join('')
    expect(told).toBe(result.answer.text)
    expect(events.some(({ type }) => type === 'progress')).toBe(true)
  })

  it('paints what the seed says, as PNG files', async () => {
    const events: JobEvent[] = []
    const one = (await engine.run(paint, { ...quiet, emit: event => void events.push(event) })) as PaintedResult
    const two = (await engine.run({ ...paint, previews: false }, quiet)) as PaintedResult
    expect(one.status).toBe('painted')
    expect([...one.candidates[0]!.png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    expect(Buffer.from(two.candidates[0]!.png)).toEqual(Buffer.from(one.candidates[0]!.png))
    expect(events.some(({ type }) => type === 'preview')).toBe(true)
    const other = (await engine.run({ ...paint, scheduler: { _class_name: 'DDIMScheduler' } }, quiet)) as PaintedResult
    expect(other.candidates[0]!.metadata.scheduler._class_name).toBe('DDIMScheduler')
  })

  it('passes errors of requests on, and stays usable', async () => {
    const wrong = [
      [await chat({ image: new Uint8Array([1, 2, 3]) }), { code: 'IMAGE' }],
      [await chat({ question: ' ' }), { code: 'INVALID_ARGUMENT' }],
      [{ ...paint, steps: -1 }, { code: 'INVALID_ARGUMENT' }],
      [{ ...paint, width: 7 }, { code: 'INVALID_ARGUMENT' }],
      [{ ...paint, scheduler: { _class_name: 'Nobody' } }, { code: 'CONFIG' }],
      [{ ...paint, model: '../tiny' }, { code: 'INVALID_ARGUMENT' }],
    ] as const
    for (const [request, error] of wrong) await expect(engine.run(request, quiet)).rejects.toMatchObject(error)
  })

  it('stops at the next step when it is aborted', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const running = engine.run(
      { ...paint, steps: 900 },
      { signal: stop.signal, emit: ({ type }) => void (type === 'preview' && stop.abort(reason)) },
    )
    await expect(running).rejects.toBe(reason)
    expect(((await engine.run(paint, quiet)) as PaintedResult).status).toBe('painted')
  })

  it.skipIf(process.platform !== 'linux')('fails the job of a process that dies, and loads it anew', async () => {
    const before = await hosts()
    let killed = false
    const running = engine.run(
      { ...paint, steps: 900 },
      {
        ...quiet,
        emit: () => {
          if (!killed) for (const pid of before) process.kill(pid, 'SIGKILL')
          killed = true
        },
      },
    )
    await expect(running).rejects.toMatchObject({ code: 'HOST_CRASHED' })
    expect(((await engine.run(paint, quiet)) as PaintedResult).status).toBe('painted')
    // The chat's process died while it had nothing to do: nobody is told.
    expect(((await engine.run(await chat(), quiet)) as ChatResult).answer.text).toMatch(/apple/i)
    expect((await hosts()).some(pid => before.includes(pid))).toBe(false)
  })
})

describe('openEngine', () => {
  it('refuses what is no model, and names that are none', async () => {
    await expect(openEngine({ models: [{ id: 'x', where: '/nowhere' }] })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    })
    for (const id of ['../x', '', 'a b', '/etc/passwd', 'a/../b'])
      await expect(openEngine({ models: [{ id, where: 'tiny' }] })).rejects.toMatchObject({ argument: 'models' })
    const twice = { id: 'tiny', where: 'tiny' }
    await expect(openEngine({ models: [twice, twice] })).rejects.toMatchObject({ argument: 'models' })
  })
})
