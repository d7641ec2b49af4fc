import { BlockedError } from '@viscpm/core'
import type { PaintResult } from '@viscpm/paint'
import type { SafetySetup } from '@viscpm/safety'
import { checkSafetyFiles } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import type { Painter, PaintRequest } from '../../models.js'
import { asPaintingError, type PaintingOptions } from '../../options/paint.js'
import { checkRankBy, type PainterModelOptions, type RankByOptions } from '../../options/painter-model.js'
import type { SafetyOptions } from '../../options/safety.js'
import { schedulerOf } from '../../options/scheduler.js'
import { reportFailure } from '../../report-failure.js'
import { checkBeforeLoading } from '../../safety/before-loading.js'
import { announce, stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { ProgressView } from '../../terminal/progress.js'
import { type OpenCritic, openCritic } from '../open-critic.js'
import { generate, loadPainter } from './generate.js'
import { checkOutput, checkRoom } from './output.js'
import { paintObject, showWritten, writeRemarks } from './report.js'
import { readRequest } from './request.js'
import { missingText } from './withheld.js'
import { type WrittenFiles, writePaintings } from './write.js'

export interface PaintOptions
  extends GlobalOptions,
    PainterModelOptions,
    RankByOptions,
    PaintingOptions,
    SafetyOptions {
  readonly output?: string
  readonly json?: boolean
  /** false: --no-preview */
  readonly preview?: boolean
}

interface Painted {
  readonly model: Pick<Painter, 'name' | 'modelHash'>
  readonly result: PaintResult
  readonly written: WrittenFiles
}

/** `viscpm paint PROMPT`. @returns the exit code */
export async function paint(context: Context, prompt: string, options: PaintOptions): Promise<number> {
  const { io, t } = context
  const { ranker } = options
  checkRankBy(options, t, ranker === false ? '--no-ranker' : ranker !== undefined ? '--ranker' : undefined)
  const setup = safetySetup(options, stagesOf.paint, t)
  const json = options.json === true
  const quiet = options.quiet === true
  const previews = options.preview !== false && !quiet && !json
  const progress = new ProgressView(io, t, quiet)
  const { model, result, written } = await interruptible(io, async signal => {
    // What can be wrong without the model is found out first: loading and painting take their time.
    await checkOutput(options.output, options.count ?? 1, t)
    await checkSafetyFiles(setup)
    const request = await readRequest(context, prompt, options, signal)
    await checkBeforeLoading(setup, request, signal)
    return paintAndWrite(context, request, { ...options, setup }, progress, previews, signal)
  })
  writeRemarks(context, prompt, result, { quiet, verbose: options.verbose === true })
  const missing = written.pictures.filter(({ file }) => file === undefined)
  if (json) io.stdout.write(`${JSON.stringify(paintObject(model, prompt, result, written))}\n`)
  else showWritten(context, result, written, previews)
  if (missing.length === 0) return exitCodes.ok
  const error = new BlockedError({
    message: missingText(t, result, written),
    hint: t.safety.advice(t.safety.hints.output),
    verdicts: missing.map(({ candidate }) => result.candidates[candidate]!.verdict),
  })
  return reportFailure(context, error, options.verbose === true).exitCode
}

async function paintAndWrite(
  context: Context,
  request: PaintRequest,
  options: PaintOptions & { readonly setup: SafetySetup },
  progress: ProgressView,
  previews: boolean,
  signal: AbortSignal,
): Promise<Painted> {
  const { t } = context
  const keep = options.keep === true || options.candidates === 'keep'
  let painter: Painter | undefined
  let critic: OpenCritic | undefined
  try {
    if (options.rankBy === 'self') critic = await openCritic(context, options, progress, signal)
    painter = await loadPainter(context, options, progress, signal, critic?.reranker)
    announce(context, painter.safety, stagesOf.paint, options)
    const { name, modelHash } = painter
    const scheduler = schedulerOf(options, t, painter.schedulerConfig)
    await checkRoom(options.output ?? '.', bytesNeeded(request, painter, keep), t)
    const full = { ...request, ...(scheduler && { scheduler }), signal }
    const result = await generate(context, painter, full, progress, previews)
    return {
      model: { name, modelHash },
      result,
      written: await writePaintings(result, options.output, keep, signal),
    }
  } catch (error) {
    throw asPaintingError(error)
  } finally {
    await painter?.dispose()
    await critic?.dispose()
  }
}

/** At most, for a picture is hardly ever larger than its pixels. What a ranker chooses from is four by default. */
function bytesNeeded(request: PaintRequest, { defaultSize }: Painter, keep: boolean): number {
  const { image, width = image?.width ?? defaultSize, height = image?.height ?? defaultSize } = request
  const { count = 1, candidates = 4 } = request
  return width * height * 3 * count * (keep ? 1 + 2 * candidates : 1)
}
