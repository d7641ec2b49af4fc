import { InvalidArgumentError, type Session, type TaskOptions, type Tensor, tensor, toFloat32 } from '@viscpm/core'
import type { LoadOptions } from '../blocks/options.js'
import { checkedFloats, checkFinite, damagedWeights } from '../blocks/values.js'
import type { UNetConfig } from './config.js'
import { type BuildUNetOptions, buildUNetGraph } from './graph.js'

export interface UNetOptions extends LoadOptions, BuildUNetOptions {}

/** The denoiser of Stable Diffusion, ready to run. */
export class UNet2DConditionModel {
  readonly config: UNetConfig
  readonly #session: Session

  private constructor(config: UNetConfig, session: Session) {
    this.config = config
    this.#session = session
  }

  /** @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError */
  static async load(options: UNetOptions): Promise<UNet2DConditionModel> {
    options.signal?.throwIfAborted()
    const { graph } = await buildUNetGraph(options)
    return new UNet2DConditionModel(options.config, await options.backend.createSession(graph, options))
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
    options: Pick<TaskOptions, 'signal'> = {},
  ): Promise<Tensor<'float32'>> {
    options.signal?.throwIfAborted()
    const feeds = this.#feeds(sample, timestep, encoderHiddenStates)
    const { out_sample } = await this.#session.run(sharedHalf(feeds), ['out_sample'])
    const out = out_sample as Tensor<'float32'>
    checkFinite(out.data, i => `the UNet gives ${out.data[i]}`, damagedWeights)
    return out
  }

  /** One run giving named outputs: those of `intermediates` too, where loaded with them. */
  async forward(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    outputs?: readonly string[],
  ): Promise<Record<string, Tensor>> {
    return this.#session.run({ ...this.#feeds(sample, timestep, encoderHiddenStates) }, outputs)
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
    await this.#session.dispose()
  }
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
