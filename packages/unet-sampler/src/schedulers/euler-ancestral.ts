import { SchedulerBase } from './base.js'
import {
  type DiscreteOptions,
  discreteSchedule,
  discreteSchema,
  type InitNoiseOptions,
  initNoiseSchema,
} from './discrete.js'
import { divided, f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema } from './option-specs.js'
import type { Step, Update } from './run.js'
import { ExplodingRun, originalOfSigma } from './sigma-run.js'
import { withSomeSignal } from './sigmas.js'
import { spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface EulerAncestralDiscreteOptions
  extends TrainingOptions,
    DiscreteOptions,
    InitNoiseOptions,
    ZeroSnrOptions {
  readonly predictionType: 'epsilon' | 'v_prediction'
}

const schema: Schema<EulerAncestralDiscreteOptions> = {
  ...trainingSchema(),
  ...spacingSchema('linspace'),
  ...discreteSchema(),
  ...initNoiseSchema(),
  predictionType: oneOf(['epsilon', 'v_prediction'], 'epsilon'),
  rescaleBetasZeroSnr: flag(false),
}

/**
 * Euler steps to below the next noise level, and fresh noise up to it.
 * Source: Katherine Crowson, k-diffusion (`sample_euler_ancestral`), after Song et al., arXiv:2011.13456.
 */
export class EulerAncestralDiscreteScheduler extends SchedulerBase<EulerAncestralDiscreteOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<EulerAncestralDiscreteOptions> = {
    timestepSpacing: 'linspace',
    timestepPrecision: 'float64',
    initNoiseFrom: 'training',
    rescaleBetasZeroSnr: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(
    source: SchedulerSource,
    options: Partial<EulerAncestralDiscreteOptions> = {},
  ): EulerAncestralDiscreteScheduler {
    return new EulerAncestralDiscreteScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(
    options: Partial<EulerAncestralDiscreteOptions> = {},
    source: SchedulerSource = stableDiffusionScheduler,
  ) {
    super('EulerAncestralDiscreteScheduler', schema, options, source)
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const schedule = discreteSchedule(this.options, withSomeSignal(this.alphas), request.steps)
    return new EulerAncestralRun(request, this.options, schedule)
  }
}

class EulerAncestralRun extends ExplodingRun<EulerAncestralDiscreteOptions> {
  protected override update({ output, sample, index, noise }: Step): Update {
    const sigma = this.allSigmas[index]!
    const next = this.allSigmas[index + 1]!
    const from2 = f32(sigma * sigma)
    const to2 = f32(next * next)
    const up = sqrt32(f32(f32(to2 * f32(from2 - to2)) / from2))
    const down = sqrt32(Math.max(f32(to2 - f32(up * up)), 0))
    const original = originalOfSigma(this.options.predictionType, sigma, sample, output)
    const derivative = divided(linear([1, sample], [-1, original]), sigma)
    return { previous: linear([1, sample], [f32(down - sigma), derivative], [up, noise()]), original }
  }
}
