import { sharpCodec } from '@viscpm/core/node'
import type { EvalPrompt } from '@viscpm/eval'
import type { PaintedOne } from '@viscpm/eval/node'
import { paintedPng } from '@viscpm/paint'
import type { SafetySetup } from '@viscpm/safety'
import type { Context } from '../../context.js'
import { asPaintingError } from '../../options/paint.js'
import { schedulerOf } from '../../options/scheduler.js'
import { announce, stagesOf } from '../../safety/coverage.js'
import type { ProgressView } from '../../terminal/progress.js'
import { loadPainter } from '../paint/generate.js'
import type { EvalPaintOptions } from './options.js'

/** Where pictures come from. */
export interface PictureSource {
  /** What of the model and its place changes pictures. */
  readonly identity: Readonly<Record<string, unknown>>
  /** Pictures in work at once. */
  readonly concurrency: number
  paint(prompt: EvalPrompt, seed: bigint, guidance: number | undefined, signal: AbortSignal): Promise<PaintedOne>
  dispose(): Promise<void>
}

/** A candidate, chosen among its like, as a painter or a worker gives it. */
interface Chosen {
  readonly withheld: boolean
  readonly verdict: 'none' | { readonly category?: string; readonly checker: string }
}

/** What a picture that was withheld is written down as. */
export function withheldOne({ verdict }: Chosen): PaintedOne {
  return { status: 'withheld', ...(verdict !== 'none' && { reason: verdict.category ?? verdict.checker }) }
}

/** A painter in a thread beside this one. @throws what loading a painter throws */
export async function localSource(
  context: Context,
  options: EvalPaintOptions & { readonly setup: SafetySetup },
  progress: ProgressView,
  signal: AbortSignal,
): Promise<PictureSource> {
  const { candidates = 1, steps, size, negative, preset, deepCache, tokenMerging } = options
  // What would choose among one is not loaded.
  const load = candidates === 1 ? { ...options, ranker: false as const } : options
  const painter = await loadPainter(context, load, progress, signal)
  announce(context, painter.safety, stagesOf.paint, options)
  const codec = sharpCodec()
  return {
    identity: { model: painter.modelHash },
    concurrency: 1,
    dispose: () => painter.dispose(),
    paint: async ({ text }, seed, guidance, stop) => {
      const scheduler = schedulerOf(options, context.t, painter.schedulerConfig)
      const result = await painter
        .generate({
          prompt: text,
          ...{ seed, candidates, signal: stop },
          ...(guidance !== undefined && { guidanceScale: guidance }),
          ...(steps !== undefined && { steps }),
          ...size,
          ...(negative !== undefined && { negativePrompt: negative }),
          ...(preset !== undefined && { preset }),
          ...(deepCache !== undefined && { deepCache }),
          ...(tokenMerging !== undefined && { tokenMerging }),
          ...(scheduler && { scheduler }),
        })
        .catch((error: unknown) => {
          throw asPaintingError(error)
        })
      if (result.status === 'blocked') {
        const stage = result.safety.flagged.at(-1)?.stage
        return { status: 'blocked', ...(stage !== undefined && { reason: stage }) }
      }
      const chosen = result.candidates[result.chosen[0]!]!
      return chosen.withheld ? withheldOne(chosen) : { status: 'painted', png: await paintedPng(chosen, codec) }
    },
  }
}
