import {
  type Backend,
  InvalidArgumentError,
  NonFiniteError,
  numel,
  type Session,
  type SessionOptions,
  type TaskOptions,
  type Tensor,
  tensor,
  toFloat32,
} from '@viscpm/core'
import { pictureTokens, type QFormerConfig } from './config.js'
import { type BuildQFormerOptions, buildQFormerGraph } from './model/graph.js'

export interface QFormerOptions extends BuildQFormerOptions, SessionOptions {
  readonly backend: Backend
}

/** Pictures are run together up to about this many tokens: more were not faster per picture, and abort comes later. */
const tokensPerRun = 512

/** The vision part of VisCPM, ready to run: pictures in, rows for the language model out. */
export class QFormer {
  readonly config: QFormerConfig
  readonly #session: Session
  readonly #output: string
  /** The end of the last run: sessions do not allow two at once. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(config: QFormerConfig, session: Session, output: string) {
    this.config = config
    this.#session = session
    this.#output = output
  }

  /** @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError */
  static async load(options: QFormerOptions): Promise<QFormer> {
    options.signal?.throwIfAborted()
    const { graph } = await buildQFormerGraph(options)
    const session = await options.backend.createSession(graph, options)
    return new QFormer(options.config, session, options.withoutQueries ? 'encoder_out' : 'vision_hidden_states')
  }

  /**
   * @param pixelValues normalised pixels, (x / 255 - 0.5) / 0.5, of one or more pictures: [batch, 3, side, side], side
   * being `config.imageSize`, as a tensor or flat.
   * @returns vision hidden states [batch, queryNum, dimModel]; loaded `withoutQueries`: the tower's output
   * [batch, patches + 1, dim].
   * @throws InvalidArgumentError for another shape, NonFiniteError for NaN or infinity in the pixels or the weights,
   * DisposedError
   */
  async encode(pixelValues: Float32Array | Tensor, options: TaskOptions = {}): Promise<Tensor<'float32'>> {
    const pixels = checkedPixels(pixelValues, this.config)
    const [pictures] = pixels.shape as [number]
    const { imageSize, queryNum } = this.config
    const pictureSize = 3 * imageSize ** 2
    const atOnce = Math.max(1, Math.floor(tokensPerRun / (pictureTokens(this.config) + queryNum)))
    const done: Tensor[] = []
    for (let first = 0; first < pictures; first += atOnce) {
      options.signal?.throwIfAborted()
      const end = Math.min(first + atOnce, pictures)
      const part = pixels.data.subarray(first * pictureSize, end * pictureSize)
      const input = tensor('float32', part, [end - first, 3, imageSize, imageSize])
      done.push((await this.#run(input, [this.#output]))[this.#output]!)
      options.onProgress?.({ phase: 'vision', done: end, total: pictures, unit: 'steps' })
    }
    const states = stacked(done)
    const at = firstNonFinite(states.data)
    if (at >= 0)
      throw new NonFiniteError({
        message: `the vision states of picture ${Math.floor(at / numel(states.shape.slice(1)))} are not finite`,
        hint: 'The weights hold NaN or infinity: the file is damaged, or its training diverged.',
      })
    return states
  }

  /** One run over all pictures, giving named outputs: those of `intermediates` too, where loaded with them. */
  async forward(pixelValues: Float32Array | Tensor, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    return this.#run(checkedPixels(pixelValues, this.config), outputs)
  }

  #run(pixels: Tensor<'float32'>, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    const run = this.#last.then(() => this.#session.run({ pixel_values: pixels }, outputs))
    this.#last = run.catch(() => {})
    return run
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#session.dispose()
  }
}

function checkedPixels(pixels: Float32Array | Tensor, { imageSize }: QFormerConfig): Tensor<'float32'> {
  if (!(pixels instanceof Float32Array) && pixels.dtype !== 'float32' && pixels.dtype !== 'float16')
    throw new InvalidArgumentError({
      argument: 'pixelValues',
      message: `float32 or float16 values about -1 to 1 are needed, found ${pixels.dtype}`,
    })
  const data = pixels instanceof Float32Array ? pixels : toFloat32(pixels)
  const pictures = data.length / (3 * imageSize ** 2)
  const shape = pixels instanceof Float32Array ? undefined : pixels.shape
  const expected = [pictures, 3, imageSize, imageSize]
  if (pictures < 1 || !Number.isInteger(pictures) || (shape && `${shape}` !== `${expected}`))
    throw new InvalidArgumentError({
      argument: 'pixelValues',
      message: `[batch, 3, ${imageSize}, ${imageSize}] is needed, found ${shape ? `[${shape}]` : `${data.length} values`}`,
      hint: `Resize pictures to ${imageSize} x ${imageSize} first.`,
    })
  const at = firstNonFinite(data)
  if (at >= 0) throw new NonFiniteError({ message: `pixelValues: value ${at} is ${data[at]}` })
  return tensor('float32', data, expected)
}

function firstNonFinite(values: Float32Array): number {
  // The sum of finite float32 values in float64 is finite, so one pass without branches tells the usual case.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return Number.isFinite(sum) ? -1 : values.findIndex(v => !Number.isFinite(v))
}

function stacked(parts: readonly Tensor[]): Tensor<'float32'> {
  if (parts.length === 1) return parts[0] as Tensor<'float32'>
  const [, ...rest] = parts[0]!.shape
  const size = numel(rest)
  const pictures = parts.reduce((n, part) => n + part.shape[0]!, 0)
  const out = new Float32Array(pictures * size)
  let at = 0
  for (const part of parts) {
    out.set(part.data as Float32Array, at)
    at += part.data.length
  }
  return tensor('float32', out, [pictures, ...rest])
}
