import { AlphaRun } from './alpha-run.js'
import { SchedulerBase } from './base.js'
import { type ClipOptions, clipped, clipSchema, type ThresholdOptions, thresholdSchema } from './clip.js'
import { f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema, within } from './option-specs.js'
import { levelOf, noiseOf, originalOf } from './prediction.js'
import type { Step, Update } from './run.js'
import { roundHalfEven, type SpacingOptions, spacedTimesteps, spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface DDIMOptions extends TrainingOptions, ClipOptions, ThresholdOptions, SpacingOptions, ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** The last step leads to no noise at all, instead of to the noise of timestep 0. */
  readonly setAlphaToOne: boolean
  /** Share of fresh noise: 0 is deterministic, 1 is as much as DDPM. diffusers passes it to `step`. */
  readonly eta: number
  /** Derives the noise anew from the clipped prediction. diffusers passes it to `step`. */
  readonly useClippedModelOutput: boolean
}

const schema: Schema<DDIMOptions> = {
  ...trainingSchema(),
  ...clipSchema(true),
  ...thresholdSchema(),
  ...spacingSchema('leading'),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  setAlphaToOne: flag(true),
  rescaleBetasZeroSnr: flag(false),
  eta: within(0, 1, 0),
  useClippedModelOutput: flag(false),
}

/** Deterministic unless `eta` is above 0. Source: Song, Meng, Ermon, arXiv:2010.02502. */
export class DDIMScheduler extends SchedulerBase<DDIMOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<DDIMOptions> = { timestepSpacing: 'leading', rescaleBetasZeroSnr: false }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<DDIMOptions> = {}): DDIMScheduler {
    return new DDIMScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<DDIMOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('DDIMScheduler', schema, options, source)
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps } = this.options
    const timesteps = spacedTimesteps(this.options, numTrainTimesteps, request.steps).map(roundHalfEven)
    return new DDIMRun(request, this.alphas, this.options, timesteps)
  }
}

class DDIMRun extends AlphaRun {
  /** Always whole steps of the training, also where the spacing is another: as diffusers does. */
  private readonly stride: number

  constructor(
    request: StartOptions,
    alphas: Float32Array,
    private readonly options: DDIMOptions,
    schedule: readonly number[],
  ) {
    super(request, alphas, options.predictionType, schedule)
    this.stride = Math.floor(options.numTrainTimesteps / request.steps)
  }

  protected override update({ output, sample, timestep, batch, noise }: Step): Update {
    const { predictionType, eta, setAlphaToOne, useClippedModelOutput } = this.options
    const alphaProd = this.alphas[timestep]!
    const alphaProdNext = this.alphas[timestep - this.stride] ?? (setAlphaToOne ? 1 : this.alphas[0]!)
    const level = levelOf(alphaProd)
    const original = clipped(originalOf(predictionType, level, sample, output), batch, this.options)
    const epsilon = useClippedModelOutput
      ? noiseOf('sample', level, sample, original)
      : noiseOf(predictionType, level, sample, output)

    // Equation 16.
    const variance = f32(f32(f32(1 - alphaProdNext) / f32(1 - alphaProd)) * f32(1 - f32(alphaProd / alphaProdNext)))
    const deviation = f32(f32(eta) * sqrt32(variance))
    const direction = sqrt32(Math.max(f32(f32(1 - alphaProdNext) - f32(deviation * deviation)), 0))
    // Equation 12.
    const mean = [
      [sqrt32(alphaProdNext), original],
      [direction, epsilon],
    ] as const
    return { previous: eta > 0 ? linear(...mean, [deviation, noise()]) : linear(...mean), original }
  }
}
