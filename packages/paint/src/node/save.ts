import { readFile } from 'node:fs/promises'
import { FileNotFoundError } from '@viscpm/core'
import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import { paintedPng, readMetadata } from '../png/index.js'
import type { Candidate, PaintMetadata } from '../types.js'

/**
 * Writes a painted picture as a PNG file that says how it was painted; the whole file, or none.
 * @throws WriteFailedError, MissingDependencyError
 */
export async function savePainting(path: string, candidate: Pick<Candidate, 'image' | 'metadata'>): Promise<void> {
  await writeFileAtomic(path, await paintedPng(candidate, sharpCodec()))
}

/** What a PNG file says of how it was painted. @throws FileNotFoundError, ImageError */
export async function readPainting(path: string): Promise<PaintMetadata> {
  const png = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const message = cause.code === 'ENOENT' ? 'no such picture' : `cannot be read (${cause.code})`
    throw new FileNotFoundError({ file: path, message, cause })
  })
  return readMetadata(png)
}
