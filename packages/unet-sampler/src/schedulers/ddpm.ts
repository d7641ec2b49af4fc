import { AlphaRun } from './alpha-run.js'
import { SchedulerBase } from './base.js'
import { type ClipOptions, clipped, clipSchema, type ThresholdOptions, thresholdSchema } from './clip.js'
import { exp32, f32, linear, log32, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema } from './option-specs.js'
import { levelOf, originalOf } from './prediction.js'
import type { Step, Update } from './run.js'
import { roundHalfEven, type SpacingOptions, spacedTimesteps, spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerConfig, SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface DDPMOptions extends TrainingOptions, ClipOptions, ThresholdOptions, SpacingOptions, ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** Noise added at each step: the lower (`small`) or upper (`large`) bound of its variance, section 3.2 of the paper. */
  readonly varianceType: 'fixed_small' | 'fixed_small_log' | 'fixed_large'
}

const schema: Schema<DDPMOptions> = {
  ...trainingSchema(),
  ...clipSchema(true),
  ...thresholdSchema(),
  ...spacingSchema('leading'),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  varianceType: oneOf(['fixed_small', 'fixed_small_log', 'fixed_large'], 'fixed_small'),
  rescaleBetasZeroSnr: flag(false),
}

/** VisCPM-Paint's: diffusers 0.15.0, which it pins, passed over the steps_offset of Stable Diffusion's file. */
const visCPMPaintScheduler: SchedulerConfig = { ...stableDiffusionScheduler, steps_offset: 0 }

/**
 * Ancestral sampling, VisCPM-Paint's default. Adds noise at every step but timestep 0.
 * Numbered as diffusers 0.15.0 did (980, 960, .., 0 for 50 steps); `stepsOffset: 1` is the newer way (981, .., 1).
 * Source: Ho, Jain, Abbeel, Denoising Diffusion Probabilistic Models, arXiv:2006.11239.
 */
export class DDPMScheduler extends SchedulerBase<DDPMOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<DDPMOptions> = {
    stepsOffset: 0,
    timestepSpacing: 'leading',
    rescaleBetasZeroSnr: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<DDPMOptions> = {}): DDPMScheduler {
    return new DDPMScheduler(options, source)
  }

  /** @param source where options left out come from. Default: VisCPM-Paint's training. */
  constructor(options: Partial<DDPMOptions> = {}, source: SchedulerSource = visCPMPaintScheduler) {
    super('DDPMScheduler', schema, options, source)
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const timesteps = spacedTimesteps(this.options, this.options.numTrainTimesteps, request.steps).map(roundHalfEven)
    return new DDPMRun(request, this.alphas, this.options, timesteps)
  }
}

class DDPMRun extends AlphaRun {
  constructor(
    request: StartOptions,
    alphas: Float32Array,
    private readonly options: DDPMOptions,
    private readonly schedule: readonly number[],
  ) {
    super(request, alphas, options.predictionType, schedule)
  }

  protected override update({ output, sample, timestep, index, batch, noise }: Step): Update {
    const next = this.schedule[index + 1]
    const alphaProd = this.alphas[timestep]!
    const alphaProdNext = next === undefined ? 1 : this.alphas[next]!
    const betaProd = f32(1 - alphaProd)
    const betaProdNext = f32(1 - alphaProdNext)
    const alpha = f32(alphaProd / alphaProdNext)
    const beta = f32(1 - alpha)

    const predicted = originalOf(this.options.predictionType, levelOf(alphaProd), sample, output)
    const original = clipped(predicted, batch, this.options)
    // Equation 7.
    const ofOriginal = f32(f32(sqrt32(alphaProdNext) * beta) / betaProd)
    const ofSample = f32(f32(sqrt32(alpha) * betaProdNext) / betaProd)
    const mean = [
      [ofOriginal, original],
      [ofSample, sample],
    ] as const
    if (timestep === 0) return { previous: linear(...mean), original }
    const deviation = this.deviation(f32(f32(betaProdNext / betaProd) * beta), beta)
    return { previous: linear(...mean, [deviation, noise()]), original }
  }

  private deviation(lower: number, upper: number): number {
    if (this.options.varianceType === 'fixed_large') return sqrt32(upper)
    const variance = Math.max(lower, f32(1e-20))
    return this.options.varianceType === 'fixed_small' ? sqrt32(variance) : exp32(f32(0.5 * log32(variance)))
  }
}
