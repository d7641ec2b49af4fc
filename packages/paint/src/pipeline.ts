import { DisposedError, type Image, InvalidArgumentError, type TaskOptions, type Verdict } from '@viscpm/core'
import { type PromptOptions, packPrompts } from '@viscpm/cpm-bee'
import type { Reranker } from '@viscpm/reranker'
import { DDPMScheduler, type PreviewFactors, pause, type Scheduler, vaeScale } from '@viscpm/unet-sampler'
import { Clock } from './clock.js'
import type { PaintDefaults } from './defaults.js'
import { allowed, type Checkers, checkPicture, checkRequest } from './guard.js'
import { modelHash } from './hash.js'
import { describeRequest } from './metadata.js'
import { checkNetworks, type Networks, type Stages, stagesOf } from './model.js'
import { choose, rankingReport } from './ranking.js'
import { type ModelFacts, type PaintRequest, settle } from './request.js'
import { Turns } from './stage.js'
import { decodePictures, denoisePictures, encodeOriginal, readPrompts } from './steps.js'
import type { Candidate, GenerateOptions, PaintMetadata, PaintResult } from './types.js'

export interface PaintParts extends Networks, Checkers {
  /** Chooses among the candidates; without one the first is taken. */
  readonly reranker?: Reranker
  /** Default: DDPM as diffusers 0.15.0 numbers it, upstream's. */
  readonly scheduler?: Scheduler
  /** Default: the original's. */
  readonly defaults?: PaintDefaults
  /** How the model calls itself. Default 'VisCPM-Paint'. */
  readonly name?: string
  /** Most tokens of a text. Default 1024. */
  readonly maxTokens?: number
  /** For the previews of `onStep`. Default: Stable Diffusion's. */
  readonly previewFactors?: PreviewFactors
  /** What becomes of a picture that the image checker does not allow. Default 'black'; 'keep' leaves it, with its verdict. */
  readonly flagged?: 'black' | 'keep'
  /** Called when the model was disposed: for what was opened for it. */
  readonly onDispose?: () => Promise<void>
}

/**
 * VisCPM-Paint: a prompt in, pictures out. Give it parts, or load a model with `@viscpm/paint/node`.
 * Source: VisCPM, VisCPMPaint.generate.
 */
export class VisCPMPaint {
  readonly name: string
  /** Of the weights; see `PaintMetadata.model`. */
  readonly modelHash: string
  private disposed = false
  private readonly turns = new Turns()

  /** @hidden Made by `create`. */
  protected constructor(
    private readonly parts: PaintParts,
    private readonly stages: Stages,
    private readonly facts: ModelFacts,
    hash: string,
  ) {
    this.name = parts.name ?? 'VisCPM-Paint'
    this.modelHash = hash
  }

  /**
   * Builds the model over its weights; with `memory: 'low'` it only checks them.
   * @throws ConfigError when the parts do not fit together, VocabularyError, InvalidArgumentError
   * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError when a checkpoint is not of its configuration
   */
  static async create(parts: PaintParts): Promise<VisCPMPaint> {
    const { memory = 'normal', flagged = 'black', scheduler = new DDPMScheduler({}), defaults = {} } = parts
    const { signal, onProgress } = parts
    for (const [argument, value, values] of [
      ['memory', memory, ['normal', 'low']],
      ['flagged', flagged, ['black', 'keep']],
    ] as const)
      if (!(values as readonly string[]).includes(value))
        throw new InvalidArgumentError({ argument, message: `must be ${values.join(' or ')}, not ${String(value)}` })
    await checkNetworks(parts)
    const hash = await modelHash([parts.llm, parts.transBlock, parts.unet, parts.vae])
    const stages = stagesOf(parts)
    const task: TaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    try {
      for (const stage of Object.values(stages)) await stage.prepare(task)
    } catch (error) {
      await Promise.all(Object.values(stages).map(stage => stage.dispose()))
      throw error
    }
    const scale = vaeScale(parts.vae.config)
    const { in_channels: channels, sample_size } = parts.unet.config
    const ranked = parts.reranker !== undefined
    const facts = { scheduler, channels, scale, side: sample_size * scale, ranked, defaults }
    return new VisCPMPaint(parts, stages, facts, hash)
  }

  /** Side in pixels of a picture whose size is not given. */
  get defaultSize(): number {
    return this.facts.side
  }

  /** What `generate` takes when it is not told. */
  get defaults(): Required<PaintDefaults> {
    return { steps: 50, guidanceScale: 7.5, ...this.facts.defaults }
  }

  /** What widths and heights must be divisible by. */
  get sizeStep(): number {
    return this.facts.scale
  }

  /**
   * Paints. Calls may overlap: each has noise and scheduler state of its own.
   * @returns the chosen pictures and all candidates; or, with status 'blocked', what a safety checker said
   * @throws InvalidArgumentError, WrongShapeError for options that are wrong or unknown, before anything is computed
   * @throws ContextTooLongError for a text that is too long, TokenizerError for broken raw syntax
   * @throws NonFiniteError naming the step; DisposedError; SessionError; the signal's reason when aborted
   */
  async generate(options: GenerateOptions): Promise<PaintResult> {
    if (this.disposed) throw new DisposedError({ message: 'this model was disposed' })
    options.signal?.throwIfAborted()
    const request = settle(options, this.facts)
    packPrompts(this.parts.tokenizer, request, this.promptOptions(request))
    // Networks that are loaded for their use only must not be there twice.
    return this.parts.memory === 'low'
      ? this.turns.take(() => this.paint(request), options.signal)
      : this.paint(request)
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    if (this.disposed) return
    this.disposed = true
    await Promise.all(Object.values(this.stages).map(stage => stage.dispose()))
    await this.parts.onDispose?.()
  }

  private async paint(request: PaintRequest): Promise<PaintResult> {
    const clock = new Clock()
    const { task, prompt } = request
    const ranking = rankingReport(this.parts.reranker, prompt)
    const { safety, blocked } = await clock.time('check', () => checkRequest(this.parts, request, task.signal))
    if (blocked) {
      const none = { images: [], chosen: [], candidates: [] }
      return { status: 'blocked', ...none, seed: request.seed, ranking, safety, timings: clock.timings() }
    }
    const contexts = await clock.time('text', () => readPrompts(this.stages, request, this.promptOptions(request)))
    const original = await clock.time('encode', () => encodeOriginal(this.stages, request))
    const latents = await clock.time('denoise', () =>
      denoisePictures(this.stages, request, contexts, original, this.parts.previewFactors),
    )
    const images = await clock.time('decode', () => decodePictures(this.stages, latents, task))
    const verdicts = await clock.time('check', () => this.check(images, task))
    const metadata = await describeRequest(request, { name: this.name, hash: this.modelHash }, this.parts.backend.name)
    const painted = images.map((image, i) => this.candidate(image, i, request, verdicts[i]!, metadata))
    const { chosen, scores } = await clock.time('rank', () => this.choose(request, painted))
    const candidates = painted.map((c, i) => (scores[i] === undefined ? c : { ...c, score: scores[i] }))
    return {
      status: 'painted',
      images: chosen.map(i => candidates[i]!.image),
      chosen,
      candidates,
      seed: request.seed,
      ranking,
      safety,
      timings: clock.timings(),
    }
  }

  private promptOptions({ syntax }: PaintRequest): PromptOptions {
    const { maxTokens } = this.parts
    return { syntax, ...(maxTokens !== undefined && { maxTokens }) }
  }

  private async check(images: readonly Image[], { signal }: TaskOptions): Promise<(Verdict | 'none')[]> {
    const verdicts: (Verdict | 'none')[] = []
    for (const image of images) verdicts.push(await checkPicture(this.parts, image, signal))
    return verdicts
  }

  private candidate(
    image: Image,
    index: number,
    { candidates }: PaintRequest,
    verdict: Verdict | 'none',
    metadata: PaintMetadata,
  ): Candidate {
    const withheld = !allowed(verdict)
    const black = withheld && this.parts.flagged !== 'keep'
    return {
      image: black ? { ...image, data: new Uint8Array(image.data.length) } : image,
      picture: Math.floor(index / candidates),
      verdict,
      withheld,
      metadata: { ...metadata, candidate: index },
    }
  }

  private async choose(
    { prompt, count, candidates, task }: PaintRequest,
    painted: readonly Candidate[],
  ): Promise<{ chosen: number[]; scores: (number | undefined)[] }> {
    const chosen: number[] = []
    const scores: (number | undefined)[] = []
    for (let first = 0; first < count * candidates; first += candidates) {
      await pause()
      const choice = await choose(this.parts.reranker, prompt, painted.slice(first, first + candidates), task)
      chosen.push(first + choice.index)
      scores.push(...choice.scores)
    }
    return { chosen, scores }
  }
}
