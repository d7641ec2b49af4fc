import type { Image } from '@viscpm/core'
import { languageOf } from '@viscpm/paint'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { Ranker } from '../../models.js'
import { type DeviceOptions, deviceOptions } from '../../options/device.js'
import { checkRankBy, type RankByOptions } from '../../options/painter-model.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { showLoading } from '../load-model.js'
import { openCritic } from '../open-critic.js'
import { otherLanguage } from './language.js'

export interface RankOptions extends GlobalOptions, DeviceOptions, RankByOptions {
  /** Default 'tiny'. */
  readonly model?: string
  readonly threads?: number
  readonly json?: boolean
}

interface Scored {
  readonly file: string
  readonly score: number
}

/** `viscpm rank PROMPT IMAGES...`. @returns the exit code */
export async function rank(
  context: Context,
  prompt: string,
  files: readonly string[],
  options: RankOptions,
): Promise<number> {
  const { io, t } = context
  if (prompt.trim() === '') throw new UsageError(t.rank.emptyPrompt)
  checkRankBy(options, t, options.model === undefined ? undefined : '--model')
  const progress = new ProgressView(io, t, options.quiet === true)
  const { name, languages, scores } = await interruptible(io, signal =>
    scored(context, prompt, files, options, progress, signal),
  )
  const ranking: Scored[] = files.map((file, i) => ({ file, score: scores[i]! })).sort((a, b) => b.score - a.score)
  const language = languageOf(prompt)
  const note = languages.includes(language) ? undefined : otherLanguage(t, { by: name, languages }, language)
  if (note !== undefined) io.stderr.write(`${colorsFor(io.stderr, io.env).yellow(note)}\n`)
  if (options.json) {
    const object = { model: name, prompt, language, languages, ...(note !== undefined && { note }), ranking }
    io.stdout.write(`${JSON.stringify(object)}\n`)
  } else for (const line of rankingLines(context, ranking)) io.stdout.write(`${line}\n`)
  return exitCodes.ok
}

async function scored(
  context: Context,
  prompt: string,
  files: readonly string[],
  options: RankOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<Pick<Ranker, 'name' | 'languages'> & { scores: readonly number[] }> {
  const { services, t } = context
  const images: Image[] = []
  // The pictures first: a wrong name should not cost the time of loading a model.
  for (const file of files) {
    signal.throwIfAborted()
    images.push(await services.loadImage(file, { alpha: 'white' }))
  }
  let ranker: Ranker | undefined
  try {
    ranker = await openRanker(context, options, progress, signal)
    const { name, languages } = ranker
    progress.start(t.rank.scoring, { plain: false })
    return { name, languages, scores: await ranker.score(prompt, images, { signal, onProgress: progress.update }) }
  } finally {
    progress.stop()
    await ranker?.dispose()
  }
}

/** The reranker, or the chat that chooses in its place. */
async function openRanker(
  context: Context,
  { model = 'tiny', rankBy, critic, threads, ...options }: RankOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<Ranker> {
  const given = { ...(threads !== undefined && { threads }), ...deviceOptions(options) }
  if (rankBy === 'self') {
    const chat = { ...(critic !== undefined && { critic }), ...given }
    const { reranker, dispose } = await openCritic(context, chat, progress, signal)
    const { name, languages } = reranker
    return { name, languages, score: reranker.score.bind(reranker), dispose }
  }
  return showLoading(context, model, progress, signal, task =>
    context.services.loadRanker(model, { ...given, ...task }),
  )
}

/** Best first: place, score, file. */
function rankingLines({ io }: Context, ranking: readonly Scored[]): string[] {
  const { dim } = colorsFor(io.stdout, io.env)
  const scores = ranking.map(({ score }) => score.toFixed(2))
  const width = Math.max(...scores.map(score => score.length))
  const places = String(ranking.length).length
  return ranking.map(({ file }, i) =>
    [dim(String(i + 1).padStart(places)), scores[i]!.padStart(width), oneLine(file)].join('  '),
  )
}
