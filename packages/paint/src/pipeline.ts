import { DisposedError, type Image, InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import { modelHash } from '@viscpm/core/weights'
import { type PromptOptions, packPrompts } from '@viscpm/cpm-bee'
import type { Reranker } from '@viscpm/reranker'
import { type Decision, type Safety, type SafetyParts, safetyOf } from '@viscpm/safety'
import { DDPMScheduler, type PreviewFactors, pause, type Scheduler, vaeScale } from '@viscpm/unet-sampler'
import { Clock } from './clock.js'
import { originalDefaults, type PaintDefaults } from './defaults.js'
import { checkRequest, shown } from './guard.js'
import { describeRequest } from './metadata.js'
import { checkNetworks, type Networks, type Stages, stagesOf } from './model.js'
import { choose, rankingReport } from './ranking.js'
import { replacement } from './replacing.js'
import { type ModelFacts, type PaintRequest, settle } from './request.js'
import { Turns } from './stage.js'
import { type Contexts, decodePictures, denoisePictures, encodeOriginal, readPrompts } from './steps.js'
import type { Candidate, GenerateOptions, PaintMetadata, PaintResult, ReplacedPicture, SafetyReport } from './types.js'

export interface PaintParts extends Networks, SafetyParts {
  /** Chooses among the candidates; without one the first is taken. */
  readonly reranker?: Reranker
  /** Default: DDPM as diffusers 0.15.0 numbers it, upstream's. */
  readonly scheduler?: Scheduler
  /** Default: the original's. */
  readonly defaults?: PaintDefaults
  /** How the model calls itself. Default: as its config.json says, else 'VisCPM-Paint'. */
  readonly name?: string
  /** Most tokens of a text. Default 1024. */
  readonly maxTokens?: number
  /** For the previews of `onStep`. Default: Stable Diffusion's. */
  readonly previewFactors?: PreviewFactors
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
  /** What texts and pictures pass. */
  readonly safety: Safety
  private disposed = false
  private readonly turns = new Turns()

  /** @hidden Made by `create`. */
  protected constructor(
    private readonly parts: PaintParts,
    private readonly stages: Stages,
    private readonly facts: ModelFacts,
    hash: string,
    safety: Safety,
  ) {
    this.safety = safety
    this.name = parts.name ?? 'VisCPM-Paint'
    this.modelHash = hash
  }

  /**
   * Builds the model over its weights; with `memory: 'low'` it only checks them.
   * @throws ConfigError when the parts do not fit together, VocabularyError, InvalidArgumentError
   * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError when a checkpoint is not of its configuration
   */
  static async create(parts: PaintParts): Promise<VisCPMPaint> {
    const { memory = 'normal', scheduler = new DDPMScheduler({}), signal, onProgress } = parts
    if (memory !== 'normal' && memory !== 'low')
      throw new InvalidArgumentError({ argument: 'memory', message: `must be normal or low, not ${String(memory)}` })
    const safety = safetyOf(parts)
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
    const { in_channels: channels, sample_size, layers_per_block } = parts.unet.config
    const ranked = parts.reranker !== undefined
    const defaults = { ...originalDefaults, ...parts.defaults }
    const facts = {
      scheduler,
      channels,
      scale,
      side: sample_size * scale,
      branches: layers_per_block + 1,
      ranked,
      defaults,
    }
    return new VisCPMPaint(parts, stages, facts, hash, safety)
  }

  /** Side in pixels of a picture whose size is not given. */
  get defaultSize(): number {
    return this.facts.side
  }

  /** What `generate` takes when it is not told. */
  get defaults(): Required<PaintDefaults> {
    return this.facts.defaults
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
    const clock = new Clock()
    const { report, blocked } = await clock.time('check', () => checkRequest(this.safety, request, request.task))
    if (blocked) return this.blocked(request, report, clock)
    // Networks that are loaded for their use only must not be there twice.
    return this.parts.memory === 'low'
      ? this.turns.take(() => this.paint(request, report, clock), options.signal)
      : this.paint(request, report, clock)
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    if (this.disposed) return
    this.disposed = true
    await Promise.all(Object.values(this.stages).map(stage => stage.dispose()))
    await this.parts.onDispose?.()
  }

  private blocked(request: PaintRequest, safety: SafetyReport, clock: Clock): PaintResult {
    const none = { images: [], chosen: [], candidates: [] }
    const ranking = rankingReport(this.parts.reranker, request.prompt)
    return { status: 'blocked', ...none, seed: request.seed, ranking, safety, timings: clock.timings() }
  }

  private async paint(request: PaintRequest, safety: SafetyReport, clock: Clock): Promise<PaintResult> {
    const contexts = await clock.time('text', () => readPrompts(this.stages, request, this.promptOptions(request)))
    const first = await this.pictures(request, contexts, clock)
    const metadata = await this.describe(request)
    const painted: Candidate[] = []
    for (const [i, image] of first.entries()) {
      const decision = await clock.time('check', () => this.check(image, request.task))
      painted.push(this.candidate(request, i, image, decision, { ...metadata, candidate: i }))
    }
    await this.replaceBlocked(painted, request, contexts, clock)
    const { chosen, scores } = await clock.time('rank', () => this.choose(request, painted))
    const candidates = painted.map((c, i) => (scores[i] === undefined ? c : { ...c, score: scores[i] }))
    return {
      status: 'painted',
      images: chosen.map(i => candidates[i]!.image),
      chosen,
      candidates,
      seed: request.seed,
      ranking: rankingReport(this.parts.reranker, request.prompt),
      safety,
      timings: clock.timings(),
    }
  }

  /** From noise to pictures. */
  private async pictures(request: PaintRequest, contexts: Contexts, clock: Clock): Promise<Image[]> {
    const original = await clock.time('encode', () => encodeOriginal(this.stages, request))
    const latents = await clock.time('denoise', () =>
      denoisePictures(this.stages, request, contexts, original, this.parts.previewFactors),
    )
    return clock.time('decode', () => decodePictures(this.stages, latents, request.task, this.parts.vaeTile))
  }

  /** Paints others in place of those that were found harmful, as often as the policy allows for each picture asked for. */
  private async replaceBlocked(
    painted: Candidate[],
    request: PaintRequest,
    contexts: Contexts,
    clock: Clock,
  ): Promise<void> {
    const left = new Array<number>(request.count).fill(this.safety.policy.replacements)
    for (const i of painted.keys())
      for (let attempt = 1; left[painted[i]!.picture]! > 0; attempt++) {
        const { picture, action, verdict, verdicts, replaced, metadata } = painted[i]!
        // Where a checker could not tell, it could not tell of another one either.
        if (action !== 'block' || verdict === 'none' || verdict.decision !== 'block') break
        left[picture]!--
        const seed = metadata.replaces && metadata.seed
        const dropped: ReplacedPicture = { verdict, verdicts, ...(typeof seed === 'string' && { seed }) }
        const own = await replacement(request, this.facts, i, attempt)
        const [image] = await this.pictures(own, contexts, clock)
        const decision = await clock.time('check', () => this.check(image!, request.task))
        const told = await this.describe(own, { candidate: i, try: attempt })
        painted[i] = { ...this.candidate(request, i, image!, decision, told), replaced: [...replaced, dropped] }
      }
  }

  private promptOptions({ syntax }: PaintRequest): PromptOptions {
    const { maxTokens } = this.parts
    return { syntax, ...(maxTokens !== undefined && { maxTokens }) }
  }

  private describe(request: PaintRequest, replaces?: PaintMetadata['replaces']): Promise<PaintMetadata> {
    return describeRequest(request, { name: this.name, hash: this.modelHash }, this.parts.backend.name, replaces)
  }

  private check(image: Image, { signal }: TaskOptions): Promise<Decision> {
    return this.safety.checkImage('painted-picture', image, signal ? { signal } : {})
  }

  private candidate(
    { candidates }: PaintRequest,
    index: number,
    image: Image,
    decision: Decision,
    metadata: PaintMetadata,
  ): Candidate {
    const { action, verdict, verdicts } = decision
    return {
      image: shown(image, decision),
      picture: Math.floor(index / candidates),
      verdict,
      verdicts,
      action,
      withheld: action === 'blacken' || action === 'block',
      replaced: [],
      metadata,
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
      const group = painted.slice(first, first + candidates)
      const choice = await choose(this.parts.reranker, prompt, group, task, this.safety.policy.ranksFlagged)
      chosen.push(first + choice.index)
      scores.push(...choice.scores)
    }
    return { chosen, scores }
  }
}
