import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageChecker } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import type { PicturesResult } from './report.js'
import { wilson } from './statistics.js'

/** All pictures below a folder, sorted. @throws Error when there are none */
export async function picturesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const files = names.filter(name => /\.(png|jpe?g|webp|gif)$/i.test(name) && !name.includes('node_modules'))
  if (files.length === 0) throw new Error(`${folder}: no pictures (png, jpg, webp, gif)`)
  return files.sort().map(name => join(folder, name))
}

/** How often the checker blocks pictures of which none is harmful. What harm it finds, they cannot tell. */
export async function measurePictures(
  checker: ImageChecker,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<PicturesResult> {
  const codec = sharpCodec()
  const wrongFiles: string[] = []
  let unknown = 0
  let modelHash: string | undefined
  for (const file of files) {
    signal?.throwIfAborted()
    const verdict = await checker.check(await codec.decode(await readFile(file)), signal && { signal })
    if (verdict.decision === 'block') wrongFiles.push(file)
    if (verdict.decision === 'unknown') unknown++
    modelHash ??= verdict.modelHash
  }
  const wrong = wrongFiles.length
  const [count, rate] = [files.length, wilson(wrong, files.length)]
  return { checker: checker.name, modelHash, count, wrong, unknown, ...rate, wrongFiles }
}
