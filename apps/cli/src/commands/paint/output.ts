import { existsSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WriteFailedError } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import { UsageError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'

/** Of files that were not named. */
const defaultStem = 'painting'
const suffix = /\.png$/i

export interface Amounts {
  readonly count: number
  /** Of each picture. */
  readonly candidates: number
  readonly keep: boolean
}

/** Names of the files that a painting is written to. */
export interface OutputFiles {
  /** One for each picture that was asked for. */
  readonly pictures: readonly string[]
  /** One for each candidate, those of the first picture first; none unless they are kept. */
  readonly candidates: readonly string[]
  readonly sheet: string | undefined
}

const numbered = (stem: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${stem}-${String(i + 1).padStart(String(count).length, '0')}`)

function filesFrom(stem: string, { count, candidates, keep }: Amounts): OutputFiles {
  const pictures = count === 1 ? [stem] : numbered(stem, count)
  const kept = keep ? pictures.flatMap(picture => numbered(`${picture}-candidate`, candidates)) : []
  return {
    pictures: pictures.map(name => `${name}.png`),
    candidates: kept.map(name => `${name}.png`),
    sheet: keep ? `${stem}-sheet.png` : undefined,
  }
}

/**
 * Where a painting goes. A file that was named is replaced; names chosen here are of files that do not exist:
 * painting.png, painting-2.png, ..
 */
export function outputFiles(given: string | undefined, amounts: Amounts, folder = '.'): OutputFiles {
  if (given !== undefined) return filesFrom(given.replace(suffix, ''), amounts)
  for (let i = 1; ; i++) {
    const files = filesFrom(join(folder, i === 1 ? defaultStem : `${defaultStem}-${i}`), amounts)
    const all = [...files.pictures, ...files.candidates, files.sheet ?? []].flat()
    if (!all.some(file => existsSync(file))) return files
  }
}

/**
 * Finds out before anything is painted whether its files can be written.
 * @throws UsageError for another suffix than .png, WriteFailedError for a folder, a missing one, or one without permission
 */
export async function checkOutput(given: string | undefined, count: number, t: Messages): Promise<void> {
  if (given !== undefined) {
    const found = await stat(given).catch(() => undefined)
    if (found?.isDirectory())
      throw new WriteFailedError({ file: given, message: t.paint.isFolder, hint: t.paint.isFolderHint })
    if (!suffix.test(given)) throw new UsageError(t.paint.notPng(given), t.paint.notPngHint)
  }
  const [first] = outputFiles(given, { count, candidates: 0, keep: false }).pictures
  await (await openAtomicSink(first!)).abort()
}

/** Free bytes where a file will be; undefined where the system does not say. */
async function freeBytes(file: string): Promise<number | undefined> {
  const { blocks, bavail, bsize } = await statfs(dirname(file)).catch(() => ({ blocks: 0, bavail: 0, bsize: 0 }))
  return blocks > 0 ? bavail * bsize : undefined
}

/** @throws WriteFailedError when so many bytes will not go where the file will be */
export async function checkRoom(
  file: string,
  bytes: number,
  t: Messages,
  free: (file: string) => Promise<number | undefined> = freeBytes,
): Promise<void> {
  const left = await free(file)
  if (left !== undefined && left < bytes)
    throw new WriteFailedError({ file, message: t.systemErrors.diskFull, hint: t.paint.diskFullHint })
}
