import { type Image, SessionError } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { type Ranking, type Reranker, type RerankOptions, rank } from '@viscpm/reranker'
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

/** Pictures that wait for scores from the caller's side. */
export interface SentRanking {
  readonly id: number
  readonly prompt: string
  readonly images: readonly Image[]
}

/** Who ranks on the caller's side. */
export type RankerInfo = Pick<Reranker, 'name' | 'languages'>

/** Stands in for a ranker that cannot be sent here: passes pictures on, and waits for their scores. */
class RemoteRanker implements Reranker {
  readonly name: string
  readonly languages: Reranker['languages']
  private readonly unsent: SentRanking[] = []
  private readonly waiting = new Map<number, (scores: readonly number[] | undefined) => void>()
  private wake = () => {}
  private next = 0

  constructor({ name, languages }: RankerInfo) {
    this.name = name
    this.languages = languages
  }

  async score(prompt: string, images: readonly Image[], { signal }: RerankOptions = {}): Promise<number[]> {
    signal?.throwIfAborted()
    const id = this.next++
    const scores = await new Promise<readonly number[] | undefined>((resolve, reject) => {
      this.waiting.set(id, resolve)
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.unsent.push({ id, prompt, images })
      this.wake()
    }).finally(() => this.waiting.delete(id))
    if (!scores) throw new SessionError({ message: `${this.name} failed` })
    return [...scores]
  }

  async best(prompt: string, images: readonly Image[], options: RerankOptions = {}): Promise<Ranking> {
    return rank(await this.score(prompt, images, options))
  }

  answer(id: number, scores: readonly number[] | undefined): void {
    this.waiting.get(id)?.(scores)
  }

  async *requests(signal: AbortSignal): AsyncGenerator<SentRanking> {
    signal.addEventListener('abort', () => this.wake(), { once: true })
    while (!signal.aborted) {
      const request = this.unsent.shift()
      if (request) yield request
      else
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
    }
  }
}

/** A painter in a thread or process of its own. */
export class HostedPaintService {
  constructor(
    private readonly painter: PureVisCPMPaint,
    private readonly guarding: OpenSafety,
    private readonly ranker?: RemoteRanker | undefined,
  ) {}

  /** What the caller's ranker is to score, as it comes. */
  rankings({ signal }: HostContext): AsyncGenerator<SentRanking> {
    return this.ranker!.requests(signal)
  }

  /** Scores of a ranking; undefined where the ranker failed. */
  ranked(id: number, scores: readonly number[] | undefined): void {
    this.ranker?.answer(id, scores)
  }

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
  rankedBy: RankerInfo | undefined,
  { signal, onProgress }: HostContext,
): Promise<HostedPaintService> {
  const guarding = await buildSafety(setup, { signal, onProgress })
  const { safety } = guarding
  const reranker = rankedBy && new RemoteRanker(rankedBy)
  try {
    const load = { ...options, ...(reranker && { reranker }) }
    const painter = await VisCPMPaint.load(where, { ...load, safety, signal, onProgress })
    return new HostedPaintService(painter, guarding, reranker)
  } catch (error) {
    await guarding.dispose()
    throw error
  }
}
