import { afterEach, describe, expect, it, vi } from 'vitest'
import { fileStoreCases } from './fixtures/store-cases.js'
import { MemoryFiles } from './memory-files.js'

describe('files in memory', () => {
  afterEach(() => void vi.useRealTimers())

  fileStoreCases(async limits => new MemoryFiles(limits))

  it('are gone after their time, and let go without being asked for', async () => {
    vi.useFakeTimers()
    const files = new MemoryFiles({ keepMs: 60_000, maxFilesPerOwner: 2 })
    const content = new Uint8Array(10)
    const long = await files.put('ann', { name: 'long', content })
    const short = await files.put('ann', { name: 'short', content, keepMs: 20_000 })
    expect([short.expiresAt - short.createdAt, long.expiresAt - long.createdAt]).toEqual([20_000, 60_000])
    const third = files.put('ann', { name: 'third', content })
    await expect(third).rejects.toMatchObject({ code: 'FILES_FULL', retryAfter: 20 })
    vi.advanceTimersByTime(30_000)
    expect(await files.find('ann', short.id)).toBeUndefined()
    expect((await files.list('ann')).map(({ name }) => name)).toEqual(['long'])
    vi.advanceTimersByTime(31_000)
    expect(await files.content('ann', long.id)).toBeUndefined()
    files.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('have limits that are numbers', () => {
    for (const limits of [{ maxFiles: 0 }, { keepMs: 0.5 }, { maxBytes: Number.NaN }])
      expect(() => new MemoryFiles(limits)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
