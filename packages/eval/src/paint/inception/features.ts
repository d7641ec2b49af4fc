import {
  type Backend,
  type Image,
  InvalidArgumentError,
  NonFiniteError,
  type Session,
  type SessionOptions,
  type TaskOptions,
  type Tensor,
  tensor,
} from '@viscpm/core'
import type { FeatureExtractor } from '../features.js'
import { type BuildInceptionOptions, buildInceptionGraph, inceptionSize } from './network.js'
import { resizeFloat } from './resize.js'

export interface InceptionFeaturesOptions extends BuildInceptionOptions, SessionOptions {
  readonly backend: Backend
  /** Pictures that go through the network at once. Default 8. */
  readonly batchSize?: number
}

/** Features of InceptionV3, as the FID takes them. */
export class InceptionFeatures implements FeatureExtractor {
  readonly name: string
  readonly dim: number
  readonly #session: Session
  readonly #clean: boolean
  readonly #batchSize: number

  private constructor(session: Session, { dim = 2048, width = 1, resize, batchSize = 8 }: InceptionFeaturesOptions) {
    this.name = `inception-${dim}-${resize}`
    this.dim = dim * width
    this.#session = session
    this.#clean = resize === 'clean'
    this.#batchSize = batchSize
  }

  /** @throws MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError; the signal's reason */
  static async load(options: InceptionFeaturesOptions): Promise<InceptionFeatures> {
    const { batchSize = 8 } = options
    if (!(Number.isSafeInteger(batchSize) && batchSize > 0))
      throw new InvalidArgumentError({ argument: 'batchSize', message: `${batchSize} is no whole number from 1 on` })
    const session = await options.backend.createSession(await buildInceptionGraph(options), options)
    return new InceptionFeatures(session, options)
  }

  /** @throws InvalidArgumentError, NonFiniteError, DisposedError; the signal's reason */
  async extract(images: readonly Image[], { signal, onProgress }: TaskOptions = {}): Promise<Float32Array> {
    const out = new Float32Array(images.length * this.dim)
    let done = 0
    for (const group of this.#groups(images)) {
      signal?.throwIfAborted()
      const { features } = await this.#session.run({ pixels: this.#pixels(group) })
      out.set(features!.data as Float32Array, done * this.dim)
      done += group.length
      onProgress?.({ phase: 'features', done, total: images.length, unit: 'steps' })
    }
    const bad = out.findIndex(value => !Number.isFinite(value))
    if (bad >= 0)
      throw new NonFiniteError({
        message: `feature ${bad % this.dim} of picture ${Math.floor(bad / this.dim)} is ${out[bad]}`,
        hint: 'The weights are damaged, or of another network.',
      })
    return out
  }

  /** Batches of one size each: pytorch-fid's resize is inside the graph. */
  #groups(images: readonly Image[]): Image[][] {
    const groups: Image[][] = []
    for (const image of images) {
      const last = groups.at(-1)
      const fits = this.#clean || (last?.[0]?.width === image.width && last[0].height === image.height)
      if (last && fits && last.length < this.#batchSize) last.push(image)
      else groups.push([image])
    }
    return groups
  }

  #pixels(images: readonly Image[]): Tensor<'float32'> {
    const planes = images.map(image => (this.#clean ? resizeFloat(image, inceptionSize).data : channels(image)))
    const { width, height } = this.#clean ? { width: inceptionSize, height: inceptionSize } : images[0]!
    const size = 3 * width * height
    const pixels = new Float32Array(images.length * size)
    for (const [i, plane] of planes.entries()) pixels.set(plane, i * size)
    return tensor('float32', pixels, [images.length, 3, height, width])
  }

  /** Frees the weights. Idempotent. */
  dispose(): Promise<void> {
    return this.#session.dispose()
  }
}

/** 0..255, [3, height, width]. */
function channels({ width, height, data }: Image): Float32Array {
  const plane = width * height
  const out = new Float32Array(3 * plane)
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[c * plane + i] = data[i * 3 + c]!
  return out
}
