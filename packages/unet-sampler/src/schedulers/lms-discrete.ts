import { SchedulerBase } from './base.js'
import {
  type DiscreteOptions,
  discreteSchedule,
  discreteSchema,
  type InitNoiseOptions,
  initNoiseSchema,
} from './discrete.js'
import { divided, linear } from './float32.js'
import { oneOf, type Schema } from './option-specs.js'
import type { Step, Update } from './run.js'
import { ExplodingRun, originalOfSigma } from './sigma-run.js'
import { type SigmaOptions, sigmaSchema } from './sigmas.js'
import { spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface LMSDiscreteOptions extends TrainingOptions, DiscreteOptions, InitNoiseOptions, SigmaOptions {
  readonly predictionType: PredictionType
  /** Steps that are looked back on, 1 to 4. diffusers passes it to `step`. */
  readonly order: 1 | 2 | 3 | 4
}

const schema: Schema<LMSDiscreteOptions> = {
  ...trainingSchema(),
  ...spacingSchema('linspace'),
  ...discreteSchema(),
  ...initNoiseSchema(),
  ...sigmaSchema(),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  order: oneOf([1, 2, 3, 4], 4),
}

/**
 * Linear multistep over the noise levels: Adams-Bashforth with the true spacing.
 * A partial run weighs its first steps as if the steps left out had been taken, as in diffusers.
 * Source: Katherine Crowson, k-diffusion (`sample_lms`), after Karras et al., arXiv:2206.00364.
 */
export class LMSDiscreteScheduler extends SchedulerBase<LMSDiscreteOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<LMSDiscreteOptions> = {
    timestepSpacing: 'linspace',
    timestepPrecision: 'float64',
    initNoiseFrom: 'training',
    useKarrasSigmas: false,
    useExponentialSigmas: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<LMSDiscreteOptions> = {}): LMSDiscreteScheduler {
    return new LMSDiscreteScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<LMSDiscreteOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('LMSDiscreteScheduler', schema, options, source, { use_beta_sigmas: [true] })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    return new LMSRun(request, this.options, discreteSchedule(this.options, this.alphas, request.steps))
  }
}

/** Integral over the next step of the polynomial that is 1 at the j-th last level and 0 at the other `order` - 1. */
function lmsCoefficient(sigmas: readonly number[], index: number, order: number, j: number): number {
  const at = (tau: number) => {
    let product = 1
    for (let k = 0; k < order; k++)
      if (k !== j) product *= (tau - sigmas[index - k]!) / (sigmas[index - j]! - sigmas[index - k]!)
    return product
  }
  const a = sigmas[index]!
  const b = sigmas[index + 1]!
  return ((b - a) / 6) * (at(a) + 4 * at((a + b) / 2) + at(b)) // Simpson's rule: exact for cubics
}

class LMSRun extends ExplodingRun<LMSDiscreteOptions> {
  private readonly derivatives: Float32Array[] = []

  protected override update({ output, sample, index }: Step): Update {
    const sigma = this.allSigmas[index]!
    const original = originalOfSigma(this.options.predictionType, sigma, sample, output)
    this.derivatives.push(divided(linear([1, sample], [-1, original]), sigma))
    if (this.derivatives.length > this.options.order) this.derivatives.shift()
    const order = Math.min(index + 1, this.options.order)
    const [first, ...rest] = [...this.derivatives]
      .reverse()
      .map((derivative, j) => [lmsCoefficient(this.allSigmas, index, order, j), derivative] as const)
    return { previous: linear([1, sample], [1, linear(first!, ...rest)]), original }
  }
}
