import { ConfigError } from '@viscpm/core'
import { cumulativeAlphas, makeBetas, zeroTerminalSnr } from './betas.js'
import { type OptionSpec, oneOf, optional, type Schema, whole, within } from './option-specs.js'
import type { BetaSchedule, TrainingOptions } from './training-options.js'

const betas: Omit<OptionSpec<readonly number[]>, 'initial'> = {
  allowed: 'a list of numbers from 0 to 1',
  read: v => (Array.isArray(v) && v.every(x => x >= 0 && x <= 1) ? Object.freeze([...v]) : undefined),
}

/** The training options with a class's defaults. */
export function trainingSchema(
  betaStart = 0.0001,
  betaEnd = 0.02,
  betaSchedule: BetaSchedule = 'linear',
): Schema<TrainingOptions> {
  return {
    numTrainTimesteps: whole(1, 1000),
    betaStart: within(0, 1, betaStart),
    betaEnd: within(0, 1, betaEnd),
    betaSchedule: oneOf(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'exp'], betaSchedule),
    trainedBetas: optional(betas),
  }
}

/** Signal left at each training step, [numTrainTimesteps], float32. @throws ConfigError for betas of another number */
export function alphasCumprod(options: TrainingOptions, rescaleBetasZeroSnr = false): Float32Array {
  const { trainedBetas, numTrainTimesteps } = options
  if (trainedBetas && trainedBetas.length !== numTrainTimesteps)
    throw new ConfigError({
      field: 'trained_betas',
      message: `has ${trainedBetas.length} values, num_train_timesteps is ${numTrainTimesteps}`,
    })
  const made = makeBetas(options)
  return cumulativeAlphas(rescaleBetasZeroSnr ? zeroTerminalSnr(made) : made)
}
