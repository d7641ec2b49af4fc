import { describe, expect, it } from 'vitest'
import type { JobResult } from '../jobs/types.js'
import { EnginePool } from './engine-pool.js'
import { chatRequest, FakeEngine, paintRequest } from './fixtures/fake-engine.js'
import { neededMemory, slotsFor } from './slots.js'

const gb = 1e9

describe('how many jobs at once', () => {
  it('follows the cores and the memory, whichever is less', () => {
    expect(slotsFor({ needed: 7 * gb, free: 20 * gb, cores: 2 })).toEqual({ concurrency: 1, threads: 2 })
    expect(slotsFor({ needed: 7 * gb, free: 256 * gb, cores: 64 })).toEqual({ concurrency: 8, threads: 8 })
    expect(slotsFor({ needed: 21 * gb, free: 64 * gb, cores: 64 })).toEqual({ concurrency: 2, threads: 8 })
    expect(slotsFor({ needed: 7 * gb, free: 256 * gb, cores: 16, threads: 2 })).toEqual({ concurrency: 8, threads: 2 })
    expect(slotsFor({ needed: 7 * gb, free: 64 * gb, cores: 16, concurrency: 4 })).toEqual({
      concurrency: 4,
      threads: 4,
    })
  })

  it('is at least one, as loading has the last word, but not more than fit', () => {
    expect(slotsFor({ needed: 30 * gb, free: 8 * gb, cores: 4 })).toEqual({ concurrency: 1, threads: 4 })
    expect(slotsFor({ needed: Number.POSITIVE_INFINITY, free: 8 * gb, cores: 64 }).concurrency).toBe(1)
    expect(() => slotsFor({ needed: 7 * gb, free: 20 * gb, cores: 16, concurrency: 3 })).toThrow(
      /--concurrency|21\.0 GB/,
    )
    expect(() => slotsFor({ needed: gb, free: gb, cores: 1, concurrency: 0.5 })).toThrow(/whole number/)
  })

  it('counts what the cost model says of a model', async () => {
    const [chat, low] = [await neededMemory('tiny', 'chat'), await neededMemory('tiny', 'chat', 'low')]
    const paint = await neededMemory('tiny', 'paint')
    for (const bytes of [chat, paint]) expect(bytes).toBeGreaterThan(20e6)
    for (const bytes of [chat, paint]) expect(bytes).toBeLessThan(2e9)
    expect(low).toBeLessThanOrEqual(chat)
    expect(await neededMemory('tiny', 'chat', '2g')).toBe(2 * 2 ** 30)
    expect(await neededMemory('tiny', 'paint', 'auto')).toBe(Number.POSITIVE_INFINITY)
    await expect(neededMemory('nowhere.pt', 'chat')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})

describe('a pool of engines', () => {
  it('gives each job to the one that has the least to do', async () => {
    const engines = [new FakeEngine({ pause: 20 }), new FakeEngine({ pause: 20 })] as const
    const pool = new EnginePool(engines)
    expect(pool.models).toEqual(engines[0].models)
    const options = { signal: new AbortController().signal, emit: () => {} }
    const requests = [chatRequest('a'), chatRequest('b'), paintRequest('c'), paintRequest('d')]
    const results: JobResult[] = await Promise.all(requests.map(request => pool.run(request, options)))
    expect(results.map(({ kind }) => kind)).toEqual(['chat', 'chat', 'paint', 'paint'])
    for (const engine of engines) expect(engine.begun.map(({ kind }) => kind)).toEqual(['chat', 'paint'])
    await pool.dispose()
  })
})
