import { DisposedError, type TaskOptions } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import type { Reranker } from '@viscpm/reranker'
import type { SafetyState } from '@viscpm/safety'
import type { SchedulerConfig } from '@viscpm/unet-sampler'
import type { PaintDefaults } from '../defaults.js'
import type { GenerateOptions, PaintResult } from '../types.js'
import type { HostableOptions, HostedPaintService, PainterInfo, SentStep } from './hosted-service.js'
import { findPainter, readJson } from './places.js'

export interface HostPaintOptions extends HostableOptions, TaskOptions {
  /**
   * 'worker': a thread. 'process': a child process, whose crash leaves this one alive, and which gives back what it frees. Default
   * 'process' with memory 'low', else 'worker'.
   */
  readonly kind?: 'worker' | 'process'
  /** Chooses in this thread, in place of the painter's own; pictures are sent to it. The caller disposes of it. */
  readonly reranker?: Reranker
}

/** A request to a painter that runs elsewhere: `onStep` is given small pictures instead of a way to make them. */
export interface HostedPaintRequest extends Omit<GenerateOptions, 'generators' | 'onStep'> {
  readonly onStep?: ((step: SentStep) => void) | undefined
}

/** A VisCPMPaint that runs elsewhere: this thread stays free while it works. Its checkers run where it does. */
export class HostedPaint implements PainterInfo {
  readonly name: string
  readonly modelHash: string
  readonly defaultSize: number
  readonly sizeStep: number
  readonly defaults: Required<PaintDefaults>
  readonly safety: SafetyState
  /** What the ranker of this thread threw, which only a message of it reaches the painter. */
  private rankingFailure: unknown

  /** @internal made by `hostPaint` */
  constructor(
    private readonly host: Host<HostedPaintService>,
    info: PainterInfo,
    /** How it was trained, as diffusers' scheduler_config.json; absent where no such file lies beside it. */
    readonly schedulerConfig: SchedulerConfig | undefined,
    reranker?: Reranker,
  ) {
    if (reranker) void this.rank(reranker).catch(() => {}) // it ends with the host; what it breaks, `generate` tells
    this.name = info.name
    this.modelHash = info.modelHash
    this.defaultSize = info.defaultSize
    this.sizeStep = info.sizeStep
    this.defaults = info.defaults
    this.safety = info.safety
  }

  /** As `VisCPMPaint.generate`. @throws as that, and HostCrashedError */
  async generate(request: HostedPaintRequest): Promise<PaintResult> {
    const { signal, onProgress, onStep, scheduler, ...rest } = request
    const sent = { ...rest, scheduler: scheduler?.config }
    const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    this.rankingFailure = undefined
    try {
      for await (const item of this.host.stream('paint', [sent, onStep !== undefined], task))
        if ('result' in item) return item.result
        else onStep?.(item.step)
    } catch (error) {
      throw this.rankingFailure ?? error
    }
    throw new DisposedError({ message: 'the hosted painter ended before its picture' })
  }

  private async rank(reranker: Reranker): Promise<void> {
    for await (const { id, prompt, images } of this.host.stream('rankings', [])) {
      const scores = await reranker.score(prompt, images, { truncate: true }).catch((error: unknown) => {
        this.rankingFailure = error
        return undefined
      })
      await this.host.call('ranked', [id, scores])
    }
  }

  /** Stops what runs, frees the weights, ends the thread or process. Idempotent. */
  async dispose(): Promise<void> {
    await this.host.dispose()
  }
}

/**
 * Loads a painter in a thread or process of its own; `where` and errors as in `VisCPMPaint.load`.
 * @throws HostCrashedError when the thread or process dies
 */
export async function hostPaint(where: string, options: HostPaintOptions = {}): Promise<HostedPaint> {
  const { signal, onProgress, reranker, kind = options.memory === 'low' ? 'process' : 'worker', ...load } = options
  // Before the thread: what is missing is said at once.
  const { schedulerConfig } = await findPainter(where, load)
  const rankedBy = reranker && { name: reranker.name, languages: reranker.languages }
  const host = await createHost<HostedPaintService>({
    module: new URL(import.meta.url.endsWith('.ts') ? './hosted-service.ts' : './hosted-service.js', import.meta.url),
    export: 'hostedPainter',
    kind,
    args: [where, load, rankedBy],
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  })
  try {
    // Loading has found the file sound.
    const trained = schedulerConfig === undefined ? undefined : ((await readJson(schedulerConfig)) as SchedulerConfig)
    return new HostedPaint(host, await host.call('info', []), trained, reranker)
  } catch (error) {
    await host.dispose()
    throw error
  }
}
