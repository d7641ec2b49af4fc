import { languageOf, type PaintResult } from '@viscpm/paint'
import type { Context } from '../../context.js'
import { colorsFor } from '../../terminal/colors.js'
import { formatSeconds } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { shownPicture } from '../../terminal/show-picture.js'
import { otherLanguage } from '../rank/language.js'
import { safetyLines } from './withheld.js'
import { allFiles, type WrittenFiles } from './write.js'

const text = (seed: number | bigint): string => String(seed)

/** Decimal, as seeds may pass what a JSON number holds exactly. */
function seedTexts(seed: PaintResult['seed']): string | string[] | null {
  return seed === undefined ? null : Array.isArray(seed) ? seed.map(text) : text(seed as number | bigint)
}

/** The object of `--json`. */
export function paintObject(
  model: { readonly name: string; readonly modelHash: string },
  prompt: string,
  result: PaintResult,
  written: WrittenFiles,
): Record<string, unknown> {
  const { candidates, ranking, safety, timings } = result
  const { metadata } = candidates[0]!
  return {
    model: { name: model.name, hash: model.modelHash },
    prompt,
    negativePrompt: metadata.negativePrompt,
    seed: seedTexts(result.seed),
    width: metadata.width,
    height: metadata.height,
    steps: metadata.steps,
    guidanceScale: metadata.guidanceScale,
    scheduler: metadata.scheduler,
    pictures: written.pictures.map(({ file = null, candidate }) => ({ file, candidate })),
    candidates: candidates.map(({ picture, score, verdict, verdicts, action, withheld, replaced }, i) => ({
      picture,
      ...(score !== undefined && { score }),
      verdict,
      verdicts,
      action,
      withheld,
      ...(replaced.length > 0 && { replaced }),
      ...(written.candidates.length > 0 && { file: written.candidates[i] }),
    })),
    ...(written.sheet !== undefined && { sheet: written.sheet }),
    ranking,
    safety,
    timings,
  }
}

/** Shows the pictures where the terminal can, and says where they are. */
export function showWritten({ io }: Context, result: PaintResult, written: WrittenFiles, previews: boolean): void {
  for (const { file, candidate } of written.pictures) {
    if (file === undefined || !previews) continue
    for (const line of shownPicture(result.candidates[candidate]!.image, io.stdout, io.env))
      io.stdout.write(`${line}\n`)
  }
  for (const file of allFiles(written)) io.stdout.write(`${oneLine(file)}\n`)
}

/** Remarks go to standard error. */
export function writeRemarks(
  { io, t }: Context,
  prompt: string,
  result: PaintResult,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): void {
  const { dim, yellow } = colorsFor(io.stderr, io.env)
  const { ranking, timings, candidates, chosen } = result
  const perPicture = candidates.length / chosen.length
  const seed = [seedTexts(result.seed) ?? []].flat().join(', ')
  for (const line of safetyLines(t, result)) io.stderr.write(`${yellow(line)}\n`)
  if (ranking.note && perPicture > 1) io.stderr.write(`${yellow(otherLanguage(t, ranking, languageOf(prompt)))}\n`)
  if (quiet) return
  const notes = [
    ...(seed ? [t.paint.seed(seed)] : []),
    ...(perPicture > 1 && ranking.by !== 'none' ? [t.paint.chosenBy(ranking.by, perPicture)] : []),
    t.paint.took(formatSeconds(timings.total)),
  ]
  io.stderr.write(`${dim(notes.join(' · '))}\n`)
  if (!verbose) return
  const spent = (['text', 'encode', 'denoise', 'decode', 'check', 'rank'] as const)
    .filter(what => timings[what] > 0)
    .map(what => `${t.paint.phases[what] ?? what} ${t.paint.took(formatSeconds(timings[what]))}`)
  io.stderr.write(`${dim(spent.join(' · '))}\n`)
}
