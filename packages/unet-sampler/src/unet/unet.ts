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
    const { out_sample } = await this.forward(sample, timestep, encoderHiddenStates, ['out_sample'])
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
    const { in_channels, cross_attention_dim } = this.config
    const latents = checkedFloats('sample', sample, ['batch', in_channels, 'height', 'width'])
    const [batch] = latents.shape as [number]
    const contextShape = [batch, 'tokens', cross_attention_dim]
    const hint = 'The rows come from the text encoder through trans_block; one set for each sample.'
    const context = checkedFloats('encoderHiddenStates', encoderHiddenStates, contextShape, hint)
    const times = checkedTimesteps(timestep, batch)
    return this.#session.run({ sample: latents, timestep: times, encoder_hidden_states: context }, outputs)
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#session.dispose()
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
