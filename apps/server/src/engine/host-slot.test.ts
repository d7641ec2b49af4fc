import { HostCrashedError } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { describe, expect, it } from 'vitest'
import { HostSlot } from './host-slot.js'

interface Counter {
  info(): string
  count(): number
}

/** A process as its caller sees it: calls are answered one by one, none once it is dead. */
class Process {
  dead = false
  counted = 0

  async call(method: string): Promise<unknown> {
    if (this.dead) throw new HostCrashedError({ message: 'the host was killed' })
    await undefined
    if (this.dead) throw new HostCrashedError({ message: 'the host was killed' })
    return method === 'count' ? ++this.counted : 'a counter'
  }

  async dispose(): Promise<void> {
    this.dead = true
  }
}

function slots(load: (made: Process[]) => Promise<Process> = async () => new Process()) {
  const made: Process[] = []
  const slot = new HostSlot<Counter>(async () => {
    const one = await load(made)
    made.push(one)
    return one as unknown as Host<Counter>
  })
  return { made, slot }
}

const count = (host: Host<Counter>): Promise<number> => host.call('count', [])

describe('HostSlot', () => {
  it('loads once, and works there', async () => {
    const { made, slot } = slots()
    expect(await Promise.all([slot.run(count), slot.run(count), slot.get().then(count)])).toEqual([1, 2, 3])
    expect(made).toHaveLength(1)
  })

  it('has the work done by another when the process died while nobody used it, or before the work came there', async () => {
    const { made, slot } = slots()
    await slot.run(count)
    made[0]!.dead = true
    expect(await slot.run(count)).toBe(1)
    const running = slot.run(count)
    made[1]!.dead = true
    expect(await running).toBe(1)
    expect(made).toHaveLength(3)
    made[2]!.dead = true
    expect(await slot.get()).toBe(made[3])
  })

  it('does not do again what a process died of', async () => {
    const { made, slot } = slots()
    let began = 0
    const deadly = slot.run(async (host, alive) => {
      began++
      await alive
      made[0]!.dead = true
      return count(host)
    })
    await expect(deadly).rejects.toMatchObject({ code: 'HOST_CRASHED' })
    expect(began).toBe(1)
    expect(await slot.run(count)).toBe(1)
    expect(made).toHaveLength(2)
  })

  it('keeps a process whose work failed', async () => {
    const { made, slot } = slots()
    const failing = slot.run(async () => {
      throw new RangeError('wrong')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await slot.run(count)).toBe(1)
    expect(made).toHaveLength(1)
  })

  it('tries to load again once where a process dies while it loads, and says what else is wrong', async () => {
    let loads = 0
    const crash = new HostCrashedError({ message: 'the host was killed' })
    const { slot } = slots(async () => {
      if (++loads === 1) throw crash
      return new Process()
    })
    expect(await slot.run(count)).toBe(1)
    const always = slots(async () => {
      loads++
      throw crash
    })
    await expect(always.slot.run(count)).rejects.toBe(crash)
    expect(loads).toBe(4)
    const broken = slots(async () => {
      throw new RangeError('no model')
    })
    await expect(broken.slot.get()).rejects.toThrow(RangeError)
  })

  it('waits for loading only as long as its signal lets it, and goes on loading', async () => {
    let finish = (): void => {}
    const loading = new Promise<void>(resolve => {
      finish = resolve
    })
    const { made, slot } = slots(async () => {
      await loading
      return new Process()
    })
    const stop = new AbortController()
    const waiting = slot.run(count, stop.signal)
    stop.abort(new RangeError('enough'))
    await expect(waiting).rejects.toThrow('enough')
    finish()
    expect(await slot.run(count)).toBe(1)
    expect(made).toHaveLength(1)
  })

  it('loads nothing once it is disposed of', async () => {
    const { made, slot } = slots()
    await slot.get()
    await slot.dispose()
    await expect(slot.run(count)).rejects.toMatchObject({ code: 'HOST_CRASHED' })
    expect(made).toHaveLength(1)
  })
})
