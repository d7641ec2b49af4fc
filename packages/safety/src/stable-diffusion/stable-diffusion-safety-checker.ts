import {
  type Backend,
  type Image,
  type ImageChecker,
  NonFiniteError,
  type Session,
  type SessionOptions,
  type Tensor,
  tensor,
  toFloat32,
  type Verdict,
  type WeightSource,
} from '@viscpm/core'
import { dots, normalized } from '@viscpm/core/transformers'
import { hashOf, type ModelHash } from '../model-hash.js'
import type { SafetyCheckerConfig } from './config.js'
import { type BuildSafetyCheckerOptions, buildSafetyCheckerGraph } from './graph.js'
import { type CLIPPreprocessing, checkPreprocessing, clipCropping, clipPixels } from './preprocessing.js'
import { type ConceptScores, conceptScores } from './scores.js'

export interface StableDiffusionSafetyCheckerOptions
  extends Omit<BuildSafetyCheckerOptions, 'intermediates'>,
    SessionOptions {
  /** Default: CLIP's, at the tower's size. */
  readonly preprocessing?: CLIPPreprocessing
  readonly backend: Backend
  /** How it calls itself. Default 'stable-diffusion-safety-checker'. */
  readonly name?: string
  /** What its verdicts say of the weights; a function is called when everything else was found right. */
  readonly modelHash?: ModelHash
}

/** Directions of concepts in CLIP's space, each of length 1, and the cosine that is too near. */
interface Concepts {
  /** float32 [concepts, projectionDim] */
  readonly embeds: Tensor<'float32'>
  readonly thresholds: Float32Array
}

interface Parts {
  readonly name: string
  readonly modelHash: string | undefined
  readonly preprocessing: CLIPPreprocessing
  readonly vision: Session
  readonly concepts: Concepts
  readonly specialCare: Concepts
}

export interface PictureAnalysis extends ConceptScores {
  /** The picture in CLIP's space: float32 [1, projectionDim], of length 1. */
  readonly embedding: Tensor<'float32'>
  /** Cosine between the picture and each concept. */
  readonly conceptCosines: readonly number[]
  readonly specialCareCosines: readonly number[]
}

/**
 * Stable Diffusion's safety checker, with its roundings and adjustments: blocks a picture that lies near one of 17
 * concepts in CLIP's space. What they are was not published, so a verdict gives numbers only; others found that they are
 * about sex, and not about violence (arXiv 2210.04610).
 * Source: diffusers 0.15.0, StableDiffusionSafetyChecker.
 */
export class StableDiffusionSafetyChecker implements ImageChecker {
  readonly config: SafetyCheckerConfig
  readonly #parts: Parts

  private constructor(config: SafetyCheckerConfig, parts: Parts) {
    this.config = config
    this.#parts = parts
  }

  /**
   * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError, NonFiniteError, SessionError; the signal's
   * reason when aborted
   */
  static async load(options: StableDiffusionSafetyCheckerOptions): Promise<StableDiffusionSafetyChecker> {
    const { weights, config, backend, name = 'stable-diffusion-safety-checker' } = options
    const { preprocessing = clipCropping(config.vision.imageSize) } = options
    options.signal?.throwIfAborted()
    checkPreprocessing(preprocessing, config.vision.imageSize)
    const { vision: graph } = await buildSafetyCheckerGraph({
      weights,
      config,
      ...(options.ignored && { ignored: options.ignored }),
    })
    const concepts = await readConcepts(weights, 'concept_embeds')
    const specialCare = await readConcepts(weights, 'special_care_embeds')
    const modelHash = await hashOf(options.modelHash)
    const vision = await backend.createSession(graph, options)
    return new StableDiffusionSafetyChecker(config, { name, modelHash, preprocessing, vision, concepts, specialCare })
  }

  get name(): string {
    return this.#parts.name
  }

  /**
   * Blocks when a concept's score is above 0; `score` is the highest of the 17, `threshold` therefore 0.
   * @throws InvalidArgumentError, ImageError, NonFiniteError, SessionError, DisposedError; the signal's reason
   */
  async check(image: Image, options: { signal?: AbortSignal } = {}): Promise<Verdict> {
    const { concepts, conceptHits, flagged } = await this.analyze(image, options)
    const { name: checker, modelHash } = this.#parts
    const score = Math.max(...concepts)
    const common = { checker, score, threshold: 0, ...(modelHash !== undefined && { modelHash }) }
    if (!flagged) return { decision: 'allow', ...common }
    return {
      decision: 'block',
      category: `concept ${concepts.indexOf(score)}`,
      reason: `near concept ${conceptHits.join(', ')} of 0 to ${concepts.length - 1}, whose meaning was not published`,
      ...common,
    }
  }

  /**
   * All scores and flags of a picture of any size.
   * @throws InvalidArgumentError, ImageError, NonFiniteError, SessionError, DisposedError; the signal's reason
   */
  async analyze(image: Image, { signal }: { signal?: AbortSignal } = {}): Promise<PictureAnalysis> {
    signal?.throwIfAborted()
    const { vision, preprocessing, concepts, specialCare } = this.#parts
    const { data, shape } = clipPixels(image, preprocessing)
    const { image_embeds } = await vision.run({ pixel_values: tensor('float32', data, [1, ...shape]) })
    signal?.throwIfAborted()
    const embedding = normalized(image_embeds as Tensor<'float32'>, 'picture')
    const conceptCosines = cosines(embedding, concepts)
    const specialCareCosines = cosines(embedding, specialCare)
    const scores = conceptScores(
      { cosines: conceptCosines, thresholds: concepts.thresholds },
      { cosines: specialCareCosines, thresholds: specialCare.thresholds },
    )
    return { ...scores, embedding, conceptCosines, specialCareCosines }
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#parts.vision.dispose()
  }
}

/** Rounded to float32, as the original's matrix product is. */
function cosines(embedding: Tensor<'float32'>, { embeds }: Concepts): number[] {
  return dots(embedding, embeds).map(Math.fround)
}

async function readConcepts(weights: WeightSource, key: string): Promise<Concepts> {
  const embeds = await weights.read(key)
  const thresholds = toFloat32(await weights.read(`${key}_weights`))
  const bad = thresholds.findIndex(threshold => !Number.isFinite(threshold))
  if (bad >= 0)
    throw new NonFiniteError({
      message: `${weights.name}: ${key}_weights[${bad}] is ${thresholds[bad]}`,
      hint: 'The file is damaged.',
    })
  return {
    embeds: normalized(tensor('float32', toFloat32(embeds), embeds.shape), `${key} in ${weights.name}, row`),
    thresholds,
  }
}
