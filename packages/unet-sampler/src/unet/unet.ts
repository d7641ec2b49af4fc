import { InvalidArgumentError, type TaskOptions, type Tensor, tensor, toFloat32 } from '@viscpm/core'
import type { LoadOptions } from '../blocks/options.js'
import { checkedFloats, checkFinite, damagedWeights } from '../blocks/values.js'
import { checkBranch, checkTokenMerging } from './checks.js'
import type { UNetConfig } from './config.js'
import type { BuildUNetOptions } from './graph.js'
import { deepChannels, deepName } from './network.js'
import { type UNetPart, UNetSessions } from './sessions.js'

/**
 * `tokenMerging` is what the first session is made for. What is asked for later has sessions of its own over the same weights:
 * these must stay open until then.
 */
export interface UNetOptions extends LoadOptions, Omit<BuildUNetOptions, 'shallow'> {}

export interface UNetRunOptions extends Pick<TaskOptions, 'signal'> {
  /**
   * Share of the pixels that are merged with similar ones while they attend to one another at the finest level, 0 to 0.75.
   * Default 0. Another share than the last run's makes a new session. Source: arXiv 2303.17604.
   */
  readonly tokenMerging?: number | undefined
}

export interface UNetBranchOptions extends UNetRunOptions {
  /** Where the shallow part is cut off, below `branches`; 0 is the smallest. */
  readonly branch: number
}

/** The denoiser of Stable Diffusion, ready to run. */
export class UNet2DConditionModel {
  readonly config: UNetConfig
  readonly #sessions: UNetSessions

  private constructor(config: UNetConfig, sessions: UNetSessions) {
    this.config = config
    this.#sessions = sessions
  }

  /** @throws InvalidArgumentError, ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError */
  static async load(options: UNetOptions): Promise<UNet2DConditionModel> {
    const { config, tokenMerging = 0, signal, onProgress } = options
    signal?.throwIfAborted()
    const sessions = new UNetSessions(options)
    await sessions.prepare({ tokenMerging }, { ...(signal && { signal }), ...(onProgress && { onProgress }) })
    return new UNet2DConditionModel(config, sessions)
  }

  /** How many ways there are to cut off a shallow part. */
  get branches(): number {
    return this.config.layers_per_block + 1
  }

  /**
   * One prediction. All rows of the context are attended to: there is no mask for padding.
   * @param sample latents [batch, in_channels, h, w], already scaled for the time; any h and w.
   * @param timestep a number, or a tensor of any dtype: [], [1], or [batch] for one each.
   * @param encoderHiddenStates [batch, tokens, cross_attention_dim]
   * @returns Noise or velocity, as the model was trained: [batch, out_channels, h, w].
   * @throws InvalidArgumentError for another shape or dtype, NonFiniteError for NaN or infinity in what goes in or comes
   * out, DisposedError
   */
  async run(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    options: UNetRunOptions = {},
  ): Promise<Tensor<'float32'>> {
    options.signal?.throwIfAborted()
    const feeds = this.#feeds(sample, timestep, encoderHiddenStates)
    const { out_sample } = await this.#sessions.run(partOf(feeds, options), sharedHalf(feeds), ['out_sample'])
    return finite(out_sample)
  }

  /** As `run`, with what `runShallow` of the branch takes later. */
  async runDeep(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    options: UNetBranchOptions,
  ): Promise<{ output: Tensor<'float32'>; deep: Tensor<'float32'> }> {
    options.signal?.throwIfAborted()
    checkBranch(options.branch, this.branches)
    const feeds = this.#feeds(sample, timestep, encoderHiddenStates)
    const name = deepName(options.branch)
    const out = await this.#sessions.run(partOf(feeds, options), sharedHalf(feeds), ['out_sample', name])
    return { output: finite(out.out_sample), deep: out[name] as Tensor<'float32'> }
  }

  /**
   * As `run`, with everything but the outermost part taken from an earlier `runDeep` of the same rows. The first run of a
   * branch makes its session, which holds the weights of its own layers only. Source: DeepCache (arXiv 2312.00858).
   */
  async runShallow(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    deep: Tensor,
    options: UNetBranchOptions,
  ): Promise<Tensor<'float32'>> {
    const { branch: shallow } = options
    options.signal?.throwIfAborted()
    checkBranch(shallow, this.branches)
    const feeds = this.#feeds(sample, timestep, encoderHiddenStates)
    const [rows, , height, width] = feeds.sample.shape as [number, number, number, number]
    const shape = [rows, deepChannels(this.config, shallow), height, width]
    const given = checkedFloats('deep', deep, shape, 'It must come from runDeep of these rows and this branch.')
    const all = { ...sharedHalf(feeds), [deepName(shallow)]: given }
    const { out_sample } = await this.#sessions.run({ ...partOf(feeds, options), shallow }, all, ['out_sample'])
    return finite(out_sample)
  }

  /** One run giving named outputs: those of `intermediates` too, where loaded with them. */
  async forward(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    outputs?: readonly string[],
  ): Promise<Record<string, Tensor>> {
    return this.#sessions.run({ tokenMerging: 0 }, { ...this.#feeds(sample, timestep, encoderHiddenStates) }, outputs)
  }

  #feeds(sample: Tensor, timestep: number | Tensor, encoderHiddenStates: Tensor): Feeds {
    const { in_channels, cross_attention_dim } = this.config
    const latents = checkedFloats('sample', sample, ['batch', in_channels, 'height', 'width'])
    const [batch] = latents.shape as [number]
    const contextShape = [batch, 'tokens', cross_attention_dim]
    const hint = 'The rows come from the text encoder through trans_block; one set for each sample.'
    const context = checkedFloats('encoderHiddenStates', encoderHiddenStates, contextShape, hint)
    const times = checkedTimesteps(timestep, batch)
    return { sample: latents, timestep: times, encoder_hidden_states: context }
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#sessions.dispose()
  }
}

/** Where not one pixel would be merged the plain graph runs. */
function partOf({ sample }: Feeds, { tokenMerging = 0 }: UNetRunOptions): UNetPart {
  checkTokenMerging(tokenMerging)
  return { tokenMerging: tokenMerging * sample.shape[2]! * sample.shape[3]! < 1 ? 0 : tokenMerging }
}

function finite(out: Tensor | undefined): Tensor<'float32'> {
  const { data } = out as Tensor<'float32'>
  checkFinite(data, i => `the UNet gives ${data[i]}`, damagedWeights)
  return out as Tensor<'float32'>
}

type Feeds = Record<'sample' | 'timestep' | 'encoder_hidden_states', Tensor<'float32'>>

/**
 * Guidance asks for every sample with two contexts: what does not depend on the context is then computed once, which is
 * 3 to 5 % of a step of Stable Diffusion's UNet at 64 x 64.
 */
function sharedHalf(feeds: Feeds): Feeds {
  const { sample, timestep } = feeds
  const [batch, ...shape] = sample.shape as [number, ...number[]]
  const same = (values: Float32Array) => {
    const half = values.length / 2
    for (let i = 0; i < half; i++) if (values[i] !== values[half + i]) return false
    return true
  }
  if (batch % 2 !== 0 || !same(timestep.data) || !same(sample.data)) return feeds
  const first = (values: Float32Array) => values.subarray(0, values.length / 2)
  return {
    ...feeds,
    sample: tensor('float32', first(sample.data), [batch / 2, ...shape]),
    timestep: tensor('float32', first(timestep.data), [batch / 2]),
  }
}

/** One float32 per sample. */
function checkedTimesteps(timestep: number | Tensor, batch: number): Tensor<'float32'> {
  const values = typeof timestep === 'number' ? Float32Array.of(timestep) : toFloat32(timestep)
  const rank = typeof timestep === 'number' ? 0 : timestep.shape.length
  if (rank > 1 || (values.length !== 1 && values.length !== batch))
    throw new InvalidArgumentError({
      argument: 'timestep',
      message: `one number, or one for each of ${batch} samples is needed, found ${rank > 1 ? `${rank} dimensions` : `${values.length} numbers`}`,
    })
  checkFinite(values, i => `timestep: value ${i} is ${values[i]}`)
  const perSample = values.length === batch ? values : new Float32Array(batch).fill(values[0]!)
  return tensor('float32', perSample, [batch])
}
