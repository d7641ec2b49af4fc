import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { type SafetySetup, type SafetyState, stateOf } from '@viscpm/safety'
import { buildSafety, type OpenSafety } from '@viscpm/safety/node'
import { type DenoisingStep, type SchedulerConfig, schedulerFromConfig } from '@viscpm/unet-sampler'
import type { VisCPMPaint as PureVisCPMPaint } from '../pipeline.js'
import type { GenerateOptions, PaintResult } from '../types.js'
import { type LoadOptions, VisCPMPaint } from './load.js'

/** What can be copied to another thread: everything but functions, signals, schedulers and checkers. */
export interface HostableOptions
  extends Omit<
    LoadOptions,
    'signal' | 'onProgress' | 'safety' | 'promptChecker' | 'imageChecker' | 'reranker' | 'scheduler'
  > {
  /** What texts and pictures pass, made where the painter runs. Default: strict. */
  readonly safety?: SafetySetup
}

/** A request as it is sent: the scheduler as its config, from which it is made again. */
export interface HostableRequest
  extends Omit<GenerateOptions, 'scheduler' | 'generators' | 'onStep' | 'signal' | 'onProgress'> {
  readonly scheduler: SchedulerConfig | undefined
}

export interface SentStep extends Pick<DenoisingStep, 'step' | 'steps'> {
  /** Absent where none are wanted, or the model's latents have no known colours. */
  readonly preview?: readonly Image[]
}

/** The steps, then the last item of the stream. */
export type PaintItem = { readonly step: SentStep } | { readonly result: PaintResult }

export interface PainterInfo
  extends Pick<PureVisCPMPaint, 'name' | 'modelHash' | 'defaultSize' | 'sizeStep' | 'defaults'> {
  readonly safety: SafetyState
}

/** A painter in a thread or process of its own. */
export class HostedPaintService {
  constructor(
    private readonly painter: PureVisCPMPaint,
    private readonly guarding: OpenSafety,
  ) {}

  info(): PainterInfo {
    const { name, modelHash, defaultSize, sizeStep, defaults, safety } = this.painter
    return { name, modelHash, defaultSize, sizeStep, defaults, safety: stateOf(safety) }
  }

  async *paint(
    { scheduler, ...request }: HostableRequest,
    previews: boolean,
    { signal, onProgress }: HostContext,
  ): AsyncGenerator<PaintItem> {
    const steps: SentStep[] = []
    let ended = false
    let wake = () => {}
    const told = () => {
      wake()
    }
    const painting = this.painter
      .generate({
        ...request,
        ...(scheduler && { scheduler: schedulerFromConfig(scheduler) }),
        signal,
        onProgress,
        onStep: step => {
          steps.push({ step: step.step, steps: step.steps, ...(previews && previewOf(step)) })
          told()
        },
      })
      .finally(() => {
        ended = true
        told()
      })
    // It is waited for below; until then a failure is nobody's.
    painting.catch(() => {})
    while (!ended || steps.length > 0) {
      const step = steps.shift()
      if (step) yield { step }
      else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
    yield { result: await painting }
  }

  async dispose(): Promise<void> {
    await this.painter.dispose()
    await this.guarding.dispose()
  }
}

/** Small pictures, or nothing: a preview is no reason to fail. */
function previewOf(step: DenoisingStep): { preview?: Image[] } {
  try {
    return { preview: step.preview() }
  } catch {
    return {}
  }
}

/** Makes the service; called on the hosted side. */
export async function hostedPainter(
  where: string,
  { safety: setup = { preset: 'strict' }, ...options }: HostableOptions,
  { signal, onProgress }: HostContext,
): Promise<HostedPaintService> {
  const guarding = await buildSafety(setup, { signal, onProgress })
  const { safety } = guarding
  try {
    const painter = await VisCPMPaint.load(where, { ...options, safety, signal, onProgress })
    return new HostedPaintService(painter, guarding)
  } catch (error) {
    await guarding.dispose()
    throw error
  }
}
