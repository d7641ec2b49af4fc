import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import type { PaintResult } from '@viscpm/paint'
import { savePainting } from '@viscpm/paint/node'
import { contactSheet } from './contact-sheet.js'
import { outputFiles } from './output.js'

/** One picture that was asked for. */
export interface WrittenPicture {
  /** Absent where the picture checker allowed none of its candidates: there is nothing to be seen. */
  readonly file?: string
  /** Index among all candidates. */
  readonly candidate: number
}

export interface WrittenFiles {
  readonly pictures: readonly WrittenPicture[]
  /** One for each candidate; none unless they are kept, null where one was withheld. */
  readonly candidates: readonly (string | null)[]
  readonly sheet?: string
}

/** Every file that was written, the chosen pictures first. */
export function allFiles({ pictures, candidates, sheet }: WrittenFiles): string[] {
  const all = [...pictures.map(({ file }) => file), ...candidates, sheet]
  return all.filter(file => typeof file === 'string')
}

/**
 * Writes what was painted, each file whole or not at all: the chosen pictures, and where they are kept all candidates and
 * a sheet of them.
 * @throws WriteFailedError, the signal's reason between two files
 */
export async function writePaintings(
  { candidates, chosen }: Pick<PaintResult, 'candidates' | 'chosen'>,
  output: string | undefined,
  keep: boolean,
  signal: AbortSignal,
): Promise<WrittenFiles> {
  const count = chosen.length
  const perPicture = candidates.length / count
  const files = outputFiles(output, { count, candidates: perPicture, keep })
  const save = async (index: number, file: string): Promise<string | null> => {
    const candidate = candidates[index]!
    if (candidate.withheld) return null
    signal.throwIfAborted()
    await savePainting(file, candidate)
    return file
  }
  const pictures: WrittenPicture[] = []
  for (const [i, candidate] of chosen.entries()) {
    const file = await save(candidate, files.pictures[i]!)
    pictures.push({ candidate, ...(file !== null && { file }) })
  }
  const kept: (string | null)[] = []
  for (const [i, file] of files.candidates.entries()) kept.push(await save(i, file))
  if (files.sheet === undefined) return { pictures, candidates: kept }
  signal.throwIfAborted()
  const columns = count > 1 ? perPicture : Math.ceil(Math.sqrt(perPicture))
  const sheet = contactSheet(
    candidates.map(({ image, withheld }, i) => ({ image, chosen: chosen.includes(i) && !withheld })),
    { columns },
  )
  await writeFileAtomic(files.sheet, await sharpCodec().encode(sheet, 'png'))
  return { pictures, candidates: kept, sheet: files.sheet }
}
