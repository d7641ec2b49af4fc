import type { DiscreteSchedule } from './discrete.js'
import { divided, f32, linear, sqrt32 } from './float32.js'
import type { Level } from './prediction.js'
import { type AddedNoise, Run } from './run.js'
import type { PredictionType, TrainingOptions } from './training-options.js'
import type { StartOptions } from './types.js'

/** The level that keeps the variance and has the given ratio of noise to signal, float32. */
export function levelOfSigma(sigma: number): Level {
  const alpha = f32(1 / sqrt32(f32(f32(sigma * sigma) + 1)))
  return { alpha, sigma: f32(sigma * alpha) }
}

/** Runs along a list of noise-to-signal ratios (sigmas), one for each evaluation and one to end at. */
export abstract class SigmaRun extends Run {
  readonly sigmas: readonly number[]

  constructor(
    request: StartOptions,
    numTrainTimesteps: number,
    schedule: readonly number[],
    /** Of the whole schedule. */
    protected readonly allSigmas: readonly number[],
    readonly initNoiseSigma: number,
    order = 1,
  ) {
    super(request, numTrainTimesteps, schedule, order)
    this.sigmas = Object.freeze(allSigmas.slice(this.begin))
  }

  protected override level(timestep: number): { added: AddedNoise; kept: Level } | undefined {
    const index = this.indexOf(timestep)
    if (index === undefined) return undefined
    const kept = levelOfSigma(this.allSigmas[index]!)
    return { added: this.added(this.allSigmas[index]!, kept), kept }
  }

  protected abstract added(sigma: number, kept: Level): AddedNoise
}

/**
 * Runs in which noise is added without shrinking the signal, sample = original + sigma * noise.
 * Source: Karras et al., arXiv:2206.00364, and k-diffusion.
 */
export abstract class ExplodingRun<O extends TrainingOptions> extends SigmaRun {
  constructor(
    request: StartOptions,
    protected readonly options: O,
    { timesteps, sigmas, initNoiseSigma }: DiscreteSchedule,
    order = 1,
  ) {
    super(request, options.numTrainTimesteps, timesteps, sigmas, initNoiseSigma, order)
  }

  protected override added(sigma: number): AddedNoise {
    return { alpha: 1, sigma }
  }

  protected override scaled(sample: Float32Array, index: number): Float32Array {
    return divided(sample, sqrt32(f32(f32(this.allSigmas[index]! ** 2) + 1)))
  }
}

/** The clean sample that the model's output stands for, in a sample that noise was only added to. */
export function originalOfSigma(
  type: PredictionType,
  sigma: number,
  sample: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return linear([1, sample], [-sigma, output])
    case 'v_prediction': {
      const squared = f32(f32(sigma * sigma) + 1)
      return linear([f32(-sigma / sqrt32(squared)), output], [1, divided(sample, squared)])
    }
    case 'sample':
      return output.slice()
  }
}
