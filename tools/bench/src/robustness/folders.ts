import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** One text that tells every byte and name in a folder; undefined where there is none. */
export async function fingerprint(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => undefined)
  if (!entries) return undefined
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const lines = await Promise.all(
    files.sort().map(async file => {
      const hash = createHash('sha256').update(await readFile(file))
      return `${relative(folder, file)} ${hash.digest('hex')}`
    }),
  )
  return lines.join('\n')
}

/** Names in a folder, sorted: what a run left there. */
export const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()
