import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { checkSpace, hasDisk, neededSpace } from './preflight.js'

describe('space', () => {
  it('is that of the files that are there together', () => {
    const language = neededSpace(48, 'language')
    expect(language.diskBytes).toBeGreaterThan(2 * 5.3e9)
    expect(language.diskBytes).toBeLessThan(15e9)
    expect(neededSpace(48, 'nothing').diskBytes).toBeLessThan(language.diskBytes - 5e9)
    // 20.6 GB, converted to 6.
    expect(neededSpace(48, 'chat').diskBytes).toBeGreaterThan(26.6e9)
    expect(neededSpace(48, 'chat').diskBytes).toBeLessThan(32e9)
    expect(neededSpace(4, 'language').memoryBytes).toBeLessThan(language.memoryBytes)
  })

  it('is refused before anything is written, saying what would fit', async () => {
    const much = neededSpace(1e6, 'language')
    expect(await hasDisk(tmpdir(), much)).toBe(false)
    expect(await hasDisk(tmpdir(), { diskBytes: 1, memoryBytes: 1 })).toBe(true)
    await expect(checkSpace(tmpdir(), much)).rejects.toThrow(/are needed.*--layers/)
  })
})
