import type { ThresholdOptions } from './clip.js'
import type { DPMAlgorithm } from './dpm-solver.js'
import { f32, log32, sqrt32 } from './float32.js'
import { belowInfinity, oneOf, type Schema } from './option-specs.js'
import { interpolate, otherSigmas, type SigmaOptions, timestepsOfSigmas, trainingSigmas } from './sigmas.js'
import { linspace, roundHalfEven, type SpacingOptions, trailing } from './spacing.js'
import type { PredictionType } from './training-options.js'

/** What the last step leads to: nothing left, or the lowest noise of the training (as in diffusers 0.15.0). */
export type FinalSigmas = 'zero' | 'sigma_min'

/** Options of both DPM-Solvers. */
export interface DPMSolverOptions extends ThresholdOptions, SigmaOptions {
  readonly predictionType: PredictionType
  /** 1 to 3. 2 is best with guidance, 3 without. */
  readonly solverOrder: 1 | 2 | 3
  /** The equation that is solved: with fresh noise at each step (`sde-`), or without. */
  readonly algorithmType: DPMAlgorithm
  /** Of second (and, single step, third) order. */
  readonly solverType: 'midpoint' | 'heun'
  readonly finalSigmasType: FinalSigmas
  /** Leaves out the noisiest timesteps, for the cosine schedule (-5.1). A logarithm of signal to noise. */
  readonly lambdaMinClipped: number
}

export const dpmSolverSchema = (): Pick<
  Schema<DPMSolverOptions>,
  'predictionType' | 'solverOrder' | 'algorithmType' | 'solverType' | 'finalSigmasType' | 'lambdaMinClipped'
> => ({
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  solverOrder: oneOf([1, 2, 3], 2),
  algorithmType: oneOf(['dpmsolver++', 'sde-dpmsolver++'], 'dpmsolver++', { deis: 'dpmsolver++' }),
  solverType: oneOf(['midpoint', 'heun'], 'midpoint', { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' }),
  finalSigmasType: oneOf(['zero', 'sigma_min'], 'zero'),
  lambdaMinClipped: belowInfinity(),
})

/** Whole training timesteps for solvers that end at the lowest one without evaluating it. */
export function solverTimesteps(options: SpacingOptions, total: number, steps: number, end: number = total): number[] {
  switch (options.timestepSpacing) {
    case 'linspace':
      return linspace(0, end - 1, steps + 1)
        .slice(1)
        .map(roundHalfEven)
        .reverse()
    case 'leading': {
      const ratio = Math.floor(end / (steps + 1))
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + options.stepsOffset)
    }
    case 'trailing':
      return trailing(total, steps, end)
  }
}

/** Number of training timesteps that are left when the noisiest, below a logarithm of signal to noise, are not used. */
export function endOfTraining(alphas: Float32Array, lambdaMinClipped: number): number {
  const clippedCount = alphas.filter(a => f32(log32(sqrt32(a)) - log32(sqrt32(f32(1 - a)))) < lambdaMinClipped).length
  return alphas.length - clippedCount
}

export interface SolverSchedule {
  readonly timesteps: readonly number[]
  /** One more than timesteps: float32 values. */
  readonly sigmas: readonly number[]
}

/** Noise levels of whole timesteps, or Karras or exponential ones and the timesteps nearest to them. */
export function solverSchedule(
  options: SigmaOptions & { readonly finalSigmasType: FinalSigmas },
  alphas: Float32Array,
  timesteps: readonly number[],
  cutKarras = false,
): SolverSchedule {
  const table = trainingSigmas(alphas)
  const other = otherSigmas(options, table[0]!, table.at(-1)!, timesteps.length)
  const last = options.finalSigmasType === 'zero' ? 0 : table[0]!
  if (!other) {
    // Of almost as many steps as the training has, rounding makes some equal: those would go nowhere.
    const distinct = timesteps.filter((t, i) => t !== timesteps[i - 1])
    return { timesteps: distinct, sigmas: [...distinct.map(t => interpolate(table, t)), last].map(f32) }
  }
  // diffusers rounds the timesteps of Karras levels, and cuts off the fraction of exponential ones.
  const whole = options.useKarrasSigmas && !cutKarras ? roundHalfEven : Math.trunc
  return { timesteps: timestepsOfSigmas(other, table).map(whole), sigmas: [...other, last].map(f32) }
}
