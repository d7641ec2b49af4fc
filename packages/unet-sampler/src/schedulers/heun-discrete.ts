import { SchedulerBase } from './base.js'
import { type ClipOptions, clipped, clipSchema } from './clip.js'
import { type DiscreteOptions, type DiscreteSchedule, discreteSchedule, discreteSchema } from './discrete.js'
import { divided, f32, linear } from './float32.js'
import { oneOf, type Schema } from './option-specs.js'
import type { Step, Update } from './run.js'
import { ExplodingRun, originalOfSigma } from './sigma-run.js'
import { type SigmaOptions, sigmaSchema } from './sigmas.js'
import { spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface HeunDiscreteOptions extends TrainingOptions, DiscreteOptions, SigmaOptions, ClipOptions {
  readonly predictionType: PredictionType
}

const schema: Schema<HeunDiscreteOptions> = {
  ...trainingSchema(0.00085, 0.012),
  ...spacingSchema('linspace'),
  ...discreteSchema(),
  ...sigmaSchema(),
  ...clipSchema(false),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
}

/**
 * Two evaluations per step but the last, 2N - 1 in all: the slope at a step's end corrects the one at its beginning.
 * Source: Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, arXiv:2206.00364, algorithm 1.
 */
export class HeunDiscreteScheduler extends SchedulerBase<HeunDiscreteOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<HeunDiscreteOptions> = {
    timestepSpacing: 'linspace',
    timestepPrecision: 'float64',
    useKarrasSigmas: false,
    useExponentialSigmas: false,
    clipSample: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<HeunDiscreteOptions> = {}): HeunDiscreteScheduler {
    return new HeunDiscreteScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<HeunDiscreteOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('HeunDiscreteScheduler', schema, options, source, { use_beta_sigmas: [true] })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { timesteps, sigmas, initNoiseSigma } = discreteSchedule(this.options, this.alphas, request.steps)
    const twice = (values: readonly number[]) => values.flatMap((v, i) => (i === 0 ? [v] : [v, v]))
    return new HeunRun(request, this.options, {
      timesteps: twice(timesteps),
      sigmas: [...twice(sigmas.slice(0, -1)), sigmas.at(-1)!],
      initNoiseSigma,
    })
  }
}

class HeunRun extends ExplodingRun<HeunDiscreteOptions> {
  /** Of the step that is half done. */
  private half: { readonly sample: Float32Array; readonly derivative: Float32Array } | undefined

  constructor(request: StartOptions, options: HeunDiscreteOptions, schedule: DiscreteSchedule) {
    super(request, options, schedule, 2)
  }

  protected override update({ output, sample, index, batch }: Step): Update {
    const sigma = this.allSigmas[index]!
    const predicted = originalOfSigma(this.options.predictionType, sigma, sample, output)
    const original = clipped(predicted, batch, this.options)
    const derivative = divided(linear([1, sample], [-1, original]), sigma)
    if (this.half) {
      const { sample: before, derivative: first } = this.half
      this.half = undefined
      const mean = divided(linear([1, first], [1, derivative]), 2)
      return { previous: linear([1, before], [f32(sigma - this.allSigmas[index - 1]!), mean]), original }
    }
    const next = this.allSigmas[index + 1]!
    // The last step, to no noise, has no end to evaluate.
    if (index + 2 < this.allSigmas.length) this.half = { sample: sample.slice(), derivative }
    return { previous: linear([1, sample], [f32(next - sigma), derivative]), original }
  }
}
