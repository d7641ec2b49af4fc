import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withTemporaryFolder } from './temporary-folder.js'

describe('a temporary folder', () => {
  it('is there during the work and gone after it, or after its failure', async () => {
    let used = ''
    const filled = async (folder: string) => {
      writeFileSync(join(folder, 'x'), 'x')
      used = folder
      return 7
    }
    expect(await withTemporaryFolder('bench-test-', filled)).toBe(7)
    expect(existsSync(used)).toBe(false)
    const failing = withTemporaryFolder('bench-test-', async folder => {
      await filled(folder)
      throw new Error('broken')
    })
    await expect(failing).rejects.toThrow('broken')
    expect(existsSync(used)).toBe(false)
    expect(process.listenerCount('SIGHUP')).toBe(0)
  })
})
