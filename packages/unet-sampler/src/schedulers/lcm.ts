import { AlphaRun } from './alpha-run.js'
import { SchedulerBase } from './base.js'
import { type ClipOptions, clipped, clipSchema, type ThresholdOptions, thresholdSchema } from './clip.js'
import { distilledTimesteps } from './distilled.js'
import { f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema, whole, within } from './option-specs.js'
import { levelOf, originalOf } from './prediction.js'
import type { Step, Update } from './run.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface LCMOptions extends TrainingOptions, ClipOptions, ThresholdOptions, ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** Timesteps that the model was distilled on; those of a run are among them. */
  readonly originalInferenceSteps: number
  /** How fast the boundary condition fades with the timestep. */
  readonly timestepScaling: number
}

const schema: Schema<LCMOptions> = {
  ...trainingSchema(0.00085, 0.012, 'scaled_linear'),
  ...clipSchema(false),
  ...thresholdSchema(),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  originalInferenceSteps: whole(1, 50),
  timestepScaling: within(0, Number.MAX_VALUE, 10),
  rescaleBetasZeroSnr: flag(false),
}

/** Standard deviation of the data, which the boundary condition is built on. */
const sigmaData = 0.5

/**
 * For models distilled to answer with the clean sample at once; few steps, fresh noise between them, none after the last.
 * Source: Luo et al., Latent Consistency Models, arXiv:2310.04378.
 */
export class LCMScheduler extends SchedulerBase<LCMOptions> {
  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<LCMOptions> = {}): LCMScheduler {
    return new LCMScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<LCMOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('LCMScheduler', schema, options, source)
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps, originalInferenceSteps } = this.options
    const timesteps = distilledTimesteps(numTrainTimesteps, originalInferenceSteps, request.steps)
    return new LCMRun(request, this.alphas, this.options, timesteps)
  }
}

class LCMRun extends AlphaRun {
  constructor(
    request: StartOptions,
    alphas: Float32Array,
    private readonly options: LCMOptions,
    private readonly schedule: readonly number[],
  ) {
    super(request, alphas, options.predictionType, schedule)
  }

  protected override update({ output, sample, timestep, index, batch, noise }: Step): Update {
    const next = this.schedule[index + 1]
    const drawn = next === undefined ? undefined : noise()
    const predicted = originalOf(this.options.predictionType, levelOf(this.alphas[timestep]!), sample, output)
    const scaled = f32(timestep * f32(this.options.timestepScaling))
    const size = f32(f32(scaled * scaled) + sigmaData ** 2)
    const ofSample = f32(sigmaData ** 2 / size)
    const ofPredicted = f32(scaled / sqrt32(size))
    const original = linear([ofPredicted, clipped(predicted, batch, this.options)], [ofSample, sample])
    if (next === undefined || !drawn) return { previous: original.slice(), original }
    const { alpha, sigma } = levelOf(this.alphas[next]!)
    return { previous: linear([alpha, original], [sigma, drawn]), original }
  }
}
