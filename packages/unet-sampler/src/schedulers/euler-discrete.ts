import { SchedulerBase } from './base.js'
import {
  type DiscreteOptions,
  discreteSchedule,
  discreteSchema,
  type InitNoiseOptions,
  initNoiseSchema,
} from './discrete.js'
import { divided, f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, optional, type Schema, within } from './option-specs.js'
import type { Step, Update } from './run.js'
import { ExplodingRun, originalOfSigma } from './sigma-run.js'
import { type SigmaOptions, sigmaSchema, trainingSigmas, withSomeSignal } from './sigmas.js'
import { spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface EulerDiscreteOptions
  extends TrainingOptions,
    DiscreteOptions,
    InitNoiseOptions,
    SigmaOptions,
    ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** Limits of Karras and exponential levels. Default: those of the timesteps. */
  readonly sigmaMin: number | null
  readonly sigmaMax: number | null
  /** What the last step leads to: nothing left, or the lowest noise of the training. */
  readonly finalSigmasType: 'zero' | 'sigma_min'
  /** Noise added before each step (algorithm 2 of the paper), between sTmin and sTmax. diffusers passes these to `step`. */
  readonly sChurn: number
  readonly sTmin: number
  readonly sTmax: number | null
  readonly sNoise: number
  /** Draws noise at each step also when it adds none, as diffusers 0.15.0 did: the draws that follow depend on it. */
  readonly drawUnusedNoise: boolean
}

const schema: Schema<EulerDiscreteOptions> = {
  ...trainingSchema(),
  ...spacingSchema('linspace'),
  ...discreteSchema(),
  ...initNoiseSchema(),
  ...sigmaSchema(),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon', { original_sample: 'sample' }),
  sigmaMin: optional(within(Number.MIN_VALUE, Number.MAX_VALUE, 1)),
  sigmaMax: optional(within(Number.MIN_VALUE, Number.MAX_VALUE, 1)),
  finalSigmasType: oneOf(['zero', 'sigma_min'], 'zero'),
  rescaleBetasZeroSnr: flag(false),
  sChurn: within(0, Number.MAX_VALUE, 0),
  sTmin: within(0, Number.MAX_VALUE, 0),
  sTmax: optional(within(0, Number.MAX_VALUE, 0)),
  sNoise: within(0, Number.MAX_VALUE, 1),
  drawUnusedNoise: flag(false),
}

/** Source: Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, arXiv:2206.00364, algorithm 2. */
export class EulerDiscreteScheduler extends SchedulerBase<EulerDiscreteOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<EulerDiscreteOptions> = {
    timestepSpacing: 'linspace',
    timestepPrecision: 'float64',
    initNoiseFrom: 'training',
    useExponentialSigmas: false,
    sigmaMin: null,
    sigmaMax: null,
    finalSigmasType: 'zero',
    rescaleBetasZeroSnr: false,
    drawUnusedNoise: true,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<EulerDiscreteOptions> = {}): EulerDiscreteScheduler {
    return new EulerDiscreteScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<EulerDiscreteOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('EulerDiscreteScheduler', schema, options, source, {
      use_beta_sigmas: [true],
      timestep_type: ['continuous'],
      interpolation_type: ['log_linear'],
    })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { sigmaMin, sigmaMax, finalSigmasType } = this.options
    const alphas = withSomeSignal(this.alphas)
    return new EulerRun(
      request,
      this.options,
      discreteSchedule(this.options, alphas, request.steps, {
        lowest: sigmaMin,
        highest: sigmaMax,
        last: finalSigmasType === 'zero' ? 0 : trainingSigmas(alphas)[0]!,
      }),
    )
  }
}

class EulerRun extends ExplodingRun<EulerDiscreteOptions> {
  protected override update({ output, sample, index, noise }: Step): Update {
    const { predictionType, sChurn, sTmin, sTmax, sNoise, drawUnusedNoise } = this.options
    const sigma = this.allSigmas[index]!
    const churns = sigma >= sTmin && sigma <= (sTmax ?? Number.POSITIVE_INFINITY)
    const gamma = churns ? Math.min(sChurn / (this.allSigmas.length - 1), Math.SQRT2 - 1) : 0
    const drawn = gamma > 0 || drawUnusedNoise ? noise() : undefined
    const sigmaHat = f32(sigma * f32(gamma + 1))
    const added = sqrt32(f32(f32(sigmaHat * sigmaHat) - f32(sigma * sigma)))
    const churned = gamma > 0 ? linear([1, sample], [added, linear([sNoise, drawn!])]) : sample

    const sigmaOfOutput = predictionType === 'epsilon' ? sigmaHat : sigma
    const original = originalOfSigma(predictionType, sigmaOfOutput, churned, output)
    const derivative = divided(linear([1, churned], [-1, original]), sigmaHat)
    return { previous: linear([1, churned], [f32(this.allSigmas[index + 1]! - sigmaHat), derivative]), original }
  }
}
