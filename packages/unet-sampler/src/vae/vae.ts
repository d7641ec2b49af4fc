import {
  InvalidArgumentError,
  type OnProgress,
  type Session,
  type TaskOptions,
  type Tensor,
  tensor,
} from '@viscpm/core'
import type { LoadOptions } from '../blocks/options.js'
import { checkedFloats, checkFinite, damagedWeights } from '../blocks/values.js'
import { type VaeConfig, vaeScale } from './config.js'
import { type BuildVaeOptions, buildVaeGraph, type VaePart } from './graph.js'
import { type Posterior, samplePosterior, scaledBy } from './posterior.js'
import { decodeTiled } from './tiling.js'

/** `computeDtype` is float32 on every device: the values of Stable Diffusion's VAEs exceed half precision's range. */
export interface VaeOptions extends LoadOptions, BuildVaeOptions {
  /** What to load: painting from text needs the decoder only. Default: both. */
  readonly parts?: readonly VaePart[]
}

export interface DecodeLatentsOptions extends TaskOptions {
  /**
   * Decode larger latents in overlapping tiles of this many latent pixels per side: memory stays that of one tile,
   * colours may drift a little from tile to tile. Stable Diffusion's own size is 64. Default: no tiles.
   */
  readonly tileSize?: number
}

/** Pixels to latents and back, one picture at a time, so that memory does not grow with the batch. */
export class AutoencoderKL {
  readonly config: VaeConfig
  /** Pixels per latent pixel, along each side. */
  readonly scale: number
  readonly #sessions: Partial<Record<VaePart, Session>>

  private constructor(config: VaeConfig, sessions: Partial<Record<VaePart, Session>>) {
    this.config = config
    this.scale = vaeScale(config)
    this.#sessions = sessions
  }

  /** @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError, InvalidArgumentError, SessionError */
  static async load(given: VaeOptions): Promise<AutoencoderKL> {
    const { parts = ['encoder', 'decoder'], computeDtype = 'float32' } = given
    if (computeDtype !== 'float32')
      throw new InvalidArgumentError({
        argument: 'computeDtype',
        message: `of a VAE must be float32, not ${computeDtype}: its values exceed half precision's range`,
      })
    const options: VaeOptions = { ...given, computeDtype } // said, as keepHalf alone would make it float16 on a GPU
    options.signal?.throwIfAborted()
    const graphs = await Promise.all(parts.map(async part => ({ part, ...(await buildVaeGraph(part, options)) })))
    const sessions: Partial<Record<VaePart, Session>> = {}
    try {
      for (const { part, graph } of graphs) sessions[part] = await options.backend.createSession(graph, options)
    } catch (error) {
      await Promise.all(Object.values(sessions).map(session => session.dispose()))
      throw error
    }
    return new AutoencoderKL(options.config, sessions)
  }

  /**
   * @param pixels [batch, 3, height, width], about -1..1 (`imagesToPixels`); at least 8 x 8. Rows and columns beyond the
   * last whole 8 change the result, but get no latent pixel of their own.
   * @returns the distribution of the latents, not scaled: [batch, 4, floor(height / 8), floor(width / 8)].
   * @throws InvalidArgumentError for another shape or dtype, NonFiniteError, DisposedError
   */
  async encode(pixels: Tensor, options: TaskOptions = {}): Promise<Posterior> {
    const checked = this.#checkedPixels(pixels)
    const pictures = split(checked)
    const parts: { mean: Tensor<'float32'>; logvar: Tensor<'float32'> }[] = []
    for (const picture of pictures) {
      options.signal?.throwIfAborted()
      const { mean, logvar } = await this.#session('encoder').run({ pixels: picture }, ['mean', 'logvar'])
      parts.push({ mean: mean as Tensor<'float32'>, logvar: logvar as Tensor<'float32'> })
      options.onProgress?.({ phase: 'vae', done: parts.length, total: pictures.length, unit: 'steps' })
    }
    const posterior = { mean: stacked(parts.map(p => p.mean)), logvar: stacked(parts.map(p => p.logvar)) }
    for (const [name, { data }] of Object.entries(posterior))
      checkFinite(data, i => `the VAE's ${name} is ${data[i]}`, damagedWeights)
    return posterior
  }

  /**
   * Latents of given pictures as the UNet takes them, to start image-to-image from: a draw of `encode`, scaled.
   * @param noise standard normal, [batch, 4, floor(height / 8), floor(width / 8)]; absent: the mean.
   */
  async encodeLatents(pixels: Tensor, noise?: Tensor, options: TaskOptions = {}): Promise<Tensor<'float32'>> {
    const posterior = await this.encode(pixels, options)
    const latents = noise ? samplePosterior(posterior, noise) : posterior.mean
    return scaledBy(latents, this.config.scaling_factor)
  }

  /**
   * @param z latents [batch, 4, h, w], not scaled; any h and w.
   * @returns [batch, 3, 8 h, 8 w], about -1..1, not cut off (`pixelsToImages` makes pictures of it).
   * @throws InvalidArgumentError for another shape, dtype or tile size, NonFiniteError, DisposedError
   */
  async decode(z: Tensor, options: DecodeLatentsOptions = {}): Promise<Tensor<'float32'>> {
    const { latent_channels, out_channels } = this.config
    const latents = checkedFloats('latents', z, ['batch', latent_channels, 'height', 'width'])
    const size = checkedTileSize(options.tileSize)
    const run = async (latents: Tensor) => {
      const { decoded } = await this.#session('decoder').run({ latents }, ['decoded'])
      return decoded as Tensor<'float32'>
    }
    const tiling = { size, scale: this.scale, channels: out_channels }
    const pictures = split(latents)
    const done: Tensor<'float32'>[] = []
    for (const picture of pictures) {
      const onProgress = partOf(done.length, pictures.length, options)
      done.push(await decodeTiled(picture, tiling, run, { ...options, onProgress }))
    }
    const decoded = stacked(done)
    checkFinite(decoded.data, i => `the decoded picture has ${decoded.data[i]}`, damagedWeights)
    return decoded
  }

  /** `decode` of the UNet's latents: 1 / scaling_factor is applied first. */
  async decodeLatents(latents: Tensor, options: DecodeLatentsOptions = {}): Promise<Tensor<'float32'>> {
    const { latent_channels, scaling_factor } = this.config
    const checked = checkedFloats('latents', latents, ['batch', latent_channels, 'height', 'width'])
    return this.decode(scaledBy(checked, 1 / scaling_factor), options)
  }

  /** One run of a part over all pictures, giving named outputs: those of `intermediates` too, where loaded with them. */
  async forward(part: VaePart, input: Tensor, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    const feeds = { [part === 'encoder' ? 'pixels' : 'latents']: input }
    return this.#session(part).run(feeds, outputs)
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await Promise.all(Object.values(this.#sessions).map(session => session.dispose()))
  }

  #session(part: VaePart): Session {
    const session = this.#sessions[part]
    if (session) return session
    throw new InvalidArgumentError({
      argument: 'parts',
      message: `the VAE's ${part} was not loaded`,
      hint: `Load it with parts: ['encoder', 'decoder'], or leave parts out.`,
    })
  }

  #checkedPixels(pixels: Tensor): Tensor<'float32'> {
    const checked = checkedFloats('pixels', pixels, ['batch', this.config.in_channels, 'height', 'width'])
    const [, , height, width] = checked.shape as [number, number, number, number]
    if (Math.min(height, width) < this.scale)
      throw new InvalidArgumentError({
        argument: 'pixels',
        message: `at least ${this.scale} x ${this.scale} pixels are needed, found ${width} x ${height}`,
      })
    return checked
  }
}

function checkedTileSize(size = Number.POSITIVE_INFINITY): number {
  if (size === Number.POSITIVE_INFINITY || (Number.isSafeInteger(size) && size >= 8)) return size
  throw new InvalidArgumentError({
    argument: 'tileSize',
    message: `a whole number of at least 8 latent pixels is needed, found ${size}`,
  })
}

/** Progress of one of `total` equal parts, as progress of all. */
function partOf(index: number, total: number, { onProgress }: TaskOptions): OnProgress {
  return progress => {
    const steps = progress.total ?? 1
    onProgress?.({ ...progress, done: index * steps + progress.done, total: total * steps })
  }
}

/** [batch, ...] -> [1, ...] each, over the same memory. */
function split(batch: Tensor<'float32'>): Tensor<'float32'>[] {
  const [count, ...shape] = batch.shape as [number, ...number[]]
  const size = batch.data.length / count
  return Array.from({ length: count }, (_, i) =>
    tensor('float32', batch.data.subarray(i * size, (i + 1) * size), [1, ...shape]),
  )
}

/** [1, ...] each -> [batch, ...]. */
function stacked(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  if (parts.length === 1) return parts[0]!
  const [, ...shape] = parts[0]!.shape
  const size = parts[0]!.data.length
  const out = new Float32Array(parts.length * size)
  parts.forEach((part, i) => {
    out.set(part.data, i * size)
  })
  return tensor('float32', out, [parts.length, ...shape])
}
