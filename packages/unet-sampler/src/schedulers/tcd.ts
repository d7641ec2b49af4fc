import { AlphaRun } from './alpha-run.js'
import { SchedulerBase } from './base.js'
import { distilledTimesteps } from './distilled.js'
import { f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema, whole, within } from './option-specs.js'
import { levelOf, noiseOf, originalOf } from './prediction.js'
import type { Step, Update } from './run.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface TCDOptions extends TrainingOptions, ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** Timesteps that the model was distilled on; those of a run are among them. */
  readonly originalInferenceSteps: number
  /** Share of fresh noise: 0 is deterministic, 1 as much as LCM. The paper's gamma; diffusers passes it to `step`. */
  readonly eta: number
}

const schema: Schema<TCDOptions> = {
  ...trainingSchema(0.00085, 0.012, 'scaled_linear'),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  originalInferenceSteps: whole(1, 50),
  eta: within(0, 1, 0.3),
  rescaleBetasZeroSnr: flag(false),
}

/**
 * For models distilled to jump along the trajectory: below the next timestep, and back up with fresh noise.
 * Source: Zheng et al., Trajectory Consistency Distillation, arXiv:2402.19159, algorithm 4.
 */
export class TCDScheduler extends SchedulerBase<TCDOptions> {
  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<TCDOptions> = {}): TCDScheduler {
    return new TCDScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<TCDOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    // diffusers lists these two for the class, and its step passes them over.
    super('TCDScheduler', schema, options, source, { thresholding: [true], clip_sample: [true] })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps, originalInferenceSteps } = this.options
    const timesteps = distilledTimesteps(numTrainTimesteps, originalInferenceSteps, request.steps)
    return new TCDRun(request, this.alphas, this.options, timesteps)
  }
}

class TCDRun extends AlphaRun {
  constructor(
    request: StartOptions,
    alphas: Float32Array,
    private readonly options: TCDOptions,
    private readonly schedule: readonly number[],
  ) {
    super(request, alphas, options.predictionType, schedule)
  }

  protected override update({ output, sample, timestep, index, noise }: Step): Update {
    const { predictionType, eta } = this.options
    const next = this.schedule[index + 1]
    const drawn = next !== undefined && eta > 0 ? noise() : undefined
    const level = levelOf(this.alphas[timestep]!)
    const original = originalOf(predictionType, level, sample, output)
    const below = this.alphas[Math.floor(f32(f32(1 - eta) * (next ?? 0)))]!
    const { alpha, sigma } = levelOf(below)
    const jumped = linear([alpha, original], [sigma, noiseOf(predictionType, level, sample, output)])
    if (next === undefined || !drawn) return { previous: jumped, original }
    const ratio = f32(this.alphas[next]! / below)
    return { previous: linear([sqrt32(ratio), jumped], [sqrt32(Math.max(f32(1 - ratio), 0)), drawn]), original }
  }
}
