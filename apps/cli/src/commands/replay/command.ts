import { type Image, ImageError, isVisCPMError } from '@viscpm/core'
import {
  type Candidate,
  type PaintMetadata,
  type ReplayPlan,
  replay as replayPlan,
  type SafetyReport,
} from '@viscpm/paint'
import { readPainting, savePainting } from '@viscpm/paint/node'
import type { SafetySetup } from '@viscpm/safety'
import { checkSafetyFiles } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { CommandError, UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { Painter } from '../../models.js'
import type { PainterModelOptions } from '../../options/painter-model.js'
import type { SafetyOptions } from '../../options/safety.js'
import { InputBlocked } from '../../safety/blocked.js'
import { announce, stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { shownPicture } from '../../terminal/show-picture.js'
import { generate, loadPainter } from '../paint/generate.js'
import { checkOutput } from '../paint/output.js'
import { type GivenInputs, readInputs } from '../paint/request.js'
import { comparePixels, type PixelDifference } from './compare.js'

export interface ReplayOptions extends GlobalOptions, Omit<PainterModelOptions, 'ranker'>, SafetyOptions {
  readonly output?: string
  readonly image?: string
  readonly mask?: string
  readonly json?: boolean
  /** false: --no-preview */
  readonly preview?: boolean
}

interface Replayed {
  readonly model: Pick<Painter, 'name' | 'modelHash'>
  readonly plan: ReplayPlan
  readonly painted: Candidate
  readonly safety: SafetyReport
  readonly difference: PixelDifference
}

/** `viscpm replay PICTURE`: paints it again as it says it was painted. @returns 0 for the same pixels, else 1 */
export async function replay(context: Context, file: string, options: ReplayOptions): Promise<number> {
  const { io, t, services } = context
  const setup = safetySetup(options, stagesOf.paint, t)
  const json = options.json === true
  const quiet = options.quiet === true
  const previews = options.preview !== false && !quiet && !json
  const progress = new ProgressView(io, t, quiet)
  const { model, plan, painted, safety, difference } = await interruptible(io, async signal => {
    if (options.output !== undefined) await checkOutput(options.output, 1, t)
    await checkSafetyFiles(setup)
    const metadata = await readMetadata(file)
    checkInputs(metadata, options, context)
    const recorded = await services.loadImage(file, { alpha: 'drop' })
    const inputs = await readInputs(context, options, signal)
    const result = await paintAgain(
      context,
      { metadata, recorded, inputs },
      { ...options, setup },
      { progress, previews, signal },
    )
    if (options.output !== undefined) await savePainting(options.output, result.painted)
    return result
  })
  const differences = [...plan.differences, ...pixelTexts(context, difference)]
  if (json) {
    const { same, ...pixels } = difference
    const object = {
      picture: file,
      same,
      differences: plan.differences,
      pixels,
      model: { name: model.name, hash: model.modelHash },
      safety,
      ...(options.output !== undefined && { output: options.output }),
    }
    io.stdout.write(`${JSON.stringify(object)}\n`)
  } else {
    const { green, yellow } = colorsFor(io.stdout, io.env)
    if (previews) for (const line of shownPicture(painted.image, io.stdout, io.env)) io.stdout.write(`${line}\n`)
    io.stdout.write(`${difference.same ? green(t.replay.same) : yellow(t.replay.differs)}\n`)
    for (const text of differences) io.stdout.write(`- ${oneLine(text)}\n`)
    if (options.output !== undefined) io.stdout.write(`${oneLine(options.output)}\n`)
  }
  return difference.same ? exitCodes.ok : exitCodes.error
}

/** What the picture says of how it was painted; errors name the file. @throws FileNotFoundError, ImageError */
async function readMetadata(file: string): Promise<PaintMetadata> {
  try {
    return await readPainting(file)
  } catch (error) {
    if (!isVisCPMError(error, 'IMAGE')) throw error
    const { message, hint } = error
    throw new ImageError({ message: `${file}: ${message}`, cause: error, ...(hint !== undefined && { hint }) })
  }
}

/** What the picture was painted from and does not hold itself. @throws UsageError, CommandError */
function checkInputs(metadata: PaintMetadata, { image, mask }: ReplayOptions, { t }: Context): void {
  if (metadata.image !== undefined && image === undefined) throw new UsageError(t.replay.needsImage('--image'))
  if (metadata.mask !== undefined && mask === undefined) throw new UsageError(t.replay.needsImage('--mask'))
  if (metadata.image === undefined && image !== undefined) throw new UsageError(t.replay.hadNone('--image'))
  if (metadata.mask === undefined && mask !== undefined) throw new UsageError(t.replay.hadNone('--mask'))
  if (metadata.seed === undefined || metadata.latents !== undefined)
    throw new CommandError(t.replay.noiseUnknown, t.replay.noiseUnknownHint)
}

async function paintAgain(
  context: Context,
  { metadata, recorded, inputs }: { metadata: PaintMetadata; recorded: Image; inputs: GivenInputs },
  options: ReplayOptions & { readonly setup: SafetySetup },
  { progress, previews, signal }: { progress: ProgressView; previews: boolean; signal: AbortSignal },
): Promise<Replayed> {
  let painter: Painter | undefined
  try {
    // Which of the candidates it is, the picture says.
    painter = await loadPainter(context, { ...options, ranker: false }, progress, signal)
    announce(context, painter.safety, stagesOf.paint, options)
    const plan = await replayPlan(metadata, painter, inputs)
    const { onStep: _none, ...request } = plan.options
    const { candidates, safety } = await generate(context, painter, { ...request, signal }, progress, previews)
    const painted = candidates[plan.candidate]!
    refuseBlocked(painted)
    const model = { name: painter.name, modelHash: painter.modelHash }
    return { model, plan, painted, safety, difference: comparePixels(recorded, painted.image) }
  } catch (error) {
    // Not the command line asks for what cannot be, but the picture.
    throw isVisCPMError(error, 'INVALID_ARGUMENT')
      ? new CommandError(context.t.replay.impossible(error.message), error.hint, error)
      : error
  } finally {
    await painter?.dispose()
  }
}

/** What a checker withheld, or had painted anew, is not the picture that it is compared with. @throws InputBlocked */
function refuseBlocked({ withheld, action, verdict, verdicts, replaced: [first] }: Candidate): void {
  const stage = 'painted-picture'
  if (first) throw new InputBlocked(stage, { stage, action: 'block', verdict: first.verdict, verdicts: first.verdicts })
  if (withheld) throw new InputBlocked(stage, { stage, action, verdict, verdicts })
}

function pixelTexts({ t }: Context, { same, pixels, differing, largest, mean, sizes }: PixelDifference): string[] {
  if (same) return []
  if (sizes) return [t.replay.sizes(sizes.recorded.join(' x '), sizes.painted.join(' x '))]
  const share = ((100 * differing) / pixels).toFixed(differing * 1000 < pixels ? 3 : 1)
  return [t.replay.pixels(differing, pixels, share), t.replay.levels(largest, mean.toFixed(2))]
}
