import { InvalidArgumentError } from '@viscpm/core'
import { type Level, levelOf } from './prediction.js'
import { type AddedNoise, Run } from './run.js'
import type { PredictionType } from './training-options.js'
import type { StartOptions } from './types.js'

/** Runs that look the noise level up in the table of the training, at whole timesteps. */
export abstract class AlphaRun extends Run {
  readonly initNoiseSigma = 1

  constructor(
    request: StartOptions,
    /** [numTrainTimesteps], see `alphasCumprod`. */
    protected readonly alphas: Float32Array,
    predictionType: PredictionType,
    schedule: readonly number[],
  ) {
    super(request, alphas.length, schedule)
    if (predictionType === 'epsilon' && this.timesteps.some(t => alphas[t] === 0))
      throw new InvalidArgumentError({
        argument: 'predictionType',
        message: "'epsilon' says nothing where no signal is left (rescaleBetasZeroSnr)",
        hint: "Use a model of 'v_prediction', or leave rescaleBetasZeroSnr out.",
      })
  }

  /** Any timestep of the training will do, not only this run's. */
  protected override level(timestep: number): { added: AddedNoise; kept: Level } | undefined {
    const alphaProd = this.alphas[timestep]
    if (alphaProd === undefined) return undefined
    const level = levelOf(alphaProd)
    return { added: level, kept: level }
  }
}
