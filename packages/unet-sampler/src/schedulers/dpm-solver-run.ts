import { clipped } from './clip.js'
import type { DPMSolverOptions, SolverSchedule } from './dpm-schedule.js'
import { type DPMWeights, dpmWeights, type LogLevel, logLevel } from './dpm-solver.js'
import { f32, linear } from './float32.js'
import { type Level, originalOf } from './prediction.js'
import type { AddedNoise, Step, Update } from './run.js'
import { levelOfSigma, SigmaRun } from './sigma-run.js'
import type { TrainingOptions } from './training-options.js'
import type { StartOptions } from './types.js'

/** Order of a step, and the predictions it is made from. */
export interface Plan {
  readonly order: number
  /** The sample that the step starts from, and where in the schedule that was. */
  readonly sample: Float32Array
  readonly from: number
}

/** What the solvers that predict the clean sample do alike. */
export abstract class DPMSolverRun<O extends DPMSolverOptions & TrainingOptions> extends SigmaRun {
  /** Predicted clean samples, the newest last. */
  protected readonly predictions: Float32Array[] = []

  constructor(
    request: StartOptions,
    protected readonly options: O,
    { timesteps, sigmas }: SolverSchedule,
  ) {
    super(request, options.numTrainTimesteps, timesteps, sigmas, 1)
  }

  protected abstract plan(index: number, sample: Float32Array): Plan
  /** Parts of the next sample beside the sample and the first prediction's. */
  protected abstract terms(plan: Plan, weights: DPMWeights, index: number): (readonly [number, Float32Array])[]
  /** Which prediction the first part is made of: 0 is the newest. */
  protected abstract firstOf(order: number): number

  protected override added(_sigma: number, kept: Level): AddedNoise {
    return kept
  }

  protected at(index: number): LogLevel {
    return logLevel(this.allSigmas[index]!)
  }

  /** The prediction made `back` steps ago. */
  protected prediction(back: number): Float32Array {
    return this.predictions.at(-1 - back)!
  }

  protected override update({ output, sample, index, batch, noise }: Step): Update {
    const stochastic = this.options.algorithmType === 'sde-dpmsolver++'
    const drawn = stochastic ? noise() : undefined
    const level = levelOfSigma(this.allSigmas[index]!)
    const original = clipped(originalOf(this.options.predictionType, level, sample, output), batch, this.options)
    this.predictions.push(original)
    if (this.predictions.length > this.options.solverOrder) this.predictions.shift()

    const plan = this.plan(index, sample)
    const from = this.at(plan.from)
    const to = this.at(index + 1)
    // Karras levels may end where they are; the weights would be 0 / 0.
    if (from.lambda === to.lambda) return { previous: plan.sample.slice(), original: original.slice() }
    const weights = dpmWeights(this.options.algorithmType, from, to)
    const previous = linear(
      [weights.sample, plan.sample],
      [weights.d0, this.prediction(this.firstOf(plan.order))],
      ...this.terms(plan, weights, index),
      ...(drawn ? [[weights.noise!, drawn] as const] : []),
    )
    return { previous, original: original.slice() }
  }
}

/** (a - b) / r as torch rounds it: times the reciprocal. */
export function slope(r: number, a: Float32Array, b: Float32Array): Float32Array {
  return linear([f32(1 / r), linear([1, a], [-1, b])])
}
