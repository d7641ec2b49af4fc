import {
  type Backend,
  type Image,
  InvalidArgumentError,
  int32,
  int64,
  NonFiniteError,
  type Session,
  type SessionOptions,
  type TaskOptions,
  type Tensor,
  tensor,
  toFloat32,
  type WeightSource,
} from '@viscpm/core'
import { checkPixels } from '@viscpm/core/image'
import { type BertTokenizer, dots, normalized, pictureTokens } from '@viscpm/core/transformers'
import { batches } from './batches.js'
import type { ChineseCLIPConfig } from './config.js'
import { type BuildChineseCLIPOptions, buildChineseCLIPGraphs } from './model/graph.js'
import { checkPreprocessing, clipPreprocessing, type ImagePreprocessing, preprocess } from './preprocessing.js'
import { rank } from './ranking.js'
import type { Ranking, Reranker, RerankerLanguage, RerankOptions } from './types.js'

export interface ChineseCLIPOptions extends Omit<BuildChineseCLIPOptions, 'intermediates'>, SessionOptions {
  readonly tokenizer: BertTokenizer
  /** Default: CLIP's, at the tower's size. */
  readonly preprocessing?: ImagePreprocessing
  readonly backend: Backend
  /** How it calls itself. Default 'chinese-clip'. */
  readonly name?: string
}

interface Parts {
  readonly name: string
  readonly config: ChineseCLIPConfig
  readonly tokenizer: BertTokenizer
  readonly preprocessing: ImagePreprocessing
  readonly text: Session
  readonly vision: Session
  /** What cosines are multiplied by. */
  readonly scale: number
}

/** Chinese-CLIP: one space for prompts and pictures, in which near means fitting. */
export class ChineseCLIP implements Reranker {
  readonly config: ChineseCLIPConfig
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.config = parts.config
    this.#parts = parts
  }

  /**
   * @throws ConfigError, VocabularyError, MissingKeyError, UnexpectedKeyError, WrongShapeError, NonFiniteError,
   * SessionError; the signal's reason when aborted
   */
  static async load(options: ChineseCLIPOptions): Promise<ChineseCLIP> {
    const { weights, config, tokenizer, backend, name = 'chinese-clip' } = options
    const { preprocessing = clipPreprocessing(config.vision.imageSize) } = options
    options.signal?.throwIfAborted()
    checkPreprocessing(preprocessing, config.vision.imageSize)
    tokenizer.checkFits(config.text.vocabSize)
    const graphs = await buildChineseCLIPGraphs({
      weights,
      config,
      ...(options.ignored && { ignored: options.ignored }),
    })
    const scale = await readScale(weights)
    const text = await backend.createSession(graphs.text, options)
    try {
      const vision = await backend.createSession(graphs.vision, options)
      return new ChineseCLIP({ name, config, tokenizer, preprocessing, text, vision, scale })
    } catch (error) {
      await text.dispose()
      throw error
    }
  }

  get name(): string {
    return this.#parts.name
  }

  get languages(): readonly RerankerLanguage[] {
    return this.config.languages
  }

  /**
   * 100 (in the published model) times the cosine between the prompt and each picture.
   * @throws InvalidArgumentError, ContextTooLongError, NonFiniteError, DisposedError; the signal's reason when aborted
   */
  async score(prompt: string, images: readonly Image[], options: RerankOptions = {}): Promise<number[]> {
    if (typeof prompt !== 'string') throw new InvalidArgumentError({ argument: 'prompt', message: 'must be a string' })
    checkImages(images)
    const text = await this.embedText([prompt], options)
    const scores = dots(text, await this.embedImages(images, options)).map(cosine => cosine * this.#parts.scale)
    rank(scores) // no score that is not a number leaves here
    return scores
  }

  async best(prompt: string, images: readonly Image[], options: RerankOptions = {}): Promise<Ranking> {
    return rank(await this.score(prompt, images, options))
  }

  /**
   * Prompts in the common space: float32 [texts, projectionDim], each row of length 1. Equal texts are computed once.
   * @throws InvalidArgumentError, ContextTooLongError, NonFiniteError, DisposedError; the signal's reason when aborted
   */
  async embedText(texts: readonly string[], options: RerankOptions = {}): Promise<Tensor<'float32'>> {
    const { tokenizer, text } = this.#parts
    const { truncate = false } = options
    if (!Array.isArray(texts) || texts.length === 0)
      throw new InvalidArgumentError({ argument: 'texts', message: 'at least one text in a list is needed' })
    const rowOf = new Map([...new Set(texts)].map((unique, row) => [unique, row]))
    const ids = [...rowOf.keys()].map(t => tokenizer.encode(t, { maxTokens: this.config.text.maxTokens, truncate }))
    const features = await this.#inBatches(
      'text',
      ids.map(row => row.length),
      options,
      async (first, end) => {
        const { text_features } = await text.run(padded(ids.slice(first, end), tokenizer.padId))
        return text_features!
      },
    )
    const embeddings = normalized(features, 'text')
    const { projectionDim } = this.config
    const out = new Float32Array(texts.length * projectionDim)
    texts.forEach((t, i) => {
      const row = rowOf.get(t)!
      out.set(embeddings.data.subarray(row * projectionDim, (row + 1) * projectionDim), i * projectionDim)
    })
    return tensor('float32', out, [texts.length, projectionDim])
  }

  /**
   * Pictures of any size in the common space: float32 [images, projectionDim], each row of length 1.
   * @throws InvalidArgumentError, NonFiniteError, DisposedError; the signal's reason when aborted
   */
  async embedImages(images: readonly Image[], options: TaskOptions = {}): Promise<Tensor<'float32'>> {
    checkImages(images)
    const { vision: session, preprocessing } = this.#parts
    const { vision } = this.config
    const size = 3 * vision.imageSize ** 2
    const tokens = new Array<number>(images.length).fill(pictureTokens(vision))
    const features = await this.#inBatches('vision', tokens, options, async (first, end) => {
      const pixels = new Float32Array((end - first) * size)
      for (let i = first; i < end; i++) pixels.set(preprocess(images[i]!, preprocessing).data, (i - first) * size)
      const shape = [end - first, 3, vision.imageSize, vision.imageSize]
      const { image_features } = await session.run({ pixel_values: tensor('float32', pixels, shape) })
      return image_features!
    })
    return normalized(features, 'picture')
  }

  /** [items, projectionDim] of all batches. */
  async #inBatches(
    phase: string,
    tokens: readonly number[],
    { signal, onProgress }: TaskOptions,
    run: (first: number, end: number) => Promise<Tensor>,
  ): Promise<Tensor<'float32'>> {
    const { projectionDim } = this.config
    const total = tokens.length
    const out = new Float32Array(total * projectionDim)
    for (const [first, end] of batches(tokens)) {
      signal?.throwIfAborted()
      out.set((await run(first, end)).data as Float32Array, first * projectionDim)
      onProgress?.({ phase, done: end, total, unit: 'steps' })
    }
    return tensor('float32', out, [total, projectionDim])
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await Promise.all([this.#parts.text.dispose(), this.#parts.vision.dispose()])
  }
}

async function readScale(weights: WeightSource): Promise<number> {
  const scale = Math.fround(Math.exp(toFloat32(await weights.read('logit_scale'))[0]!))
  if (!Number.isFinite(scale))
    throw new NonFiniteError({ message: `${weights.name}: exp(logit_scale) is ${scale}`, hint: 'The file is damaged.' })
  return scale
}

/** Ids filled up to the longest, and which of them are there. */
function padded(ids: readonly (readonly number[])[], padId: number): Record<string, Tensor> {
  const tokens = Math.max(...ids.map(row => row.length))
  const shape = [ids.length, tokens]
  const all = ids.flatMap(row => [...row, ...new Array<number>(tokens - row.length).fill(padId)])
  const mask = ids.flatMap(row => Array.from({ length: tokens }, (_, i) => (i < row.length ? 1 : 0)))
  return { input_ids: int64(all, shape), attention_mask: int32(mask, shape) }
}

/** All of them before any is computed. */
function checkImages(images: readonly Image[]): void {
  if (!Array.isArray(images) || images.length === 0)
    throw new InvalidArgumentError({ argument: 'images', message: 'at least one picture in a list is needed' })
  for (const [i, image] of images.entries()) checkPixels(`images[${i}]`, image)
}
