import { SchedulerBase } from './base.js'
import { thresholdSchema } from './clip.js'
import {
  type DPMSolverOptions,
  dpmSolverSchema,
  endOfTraining,
  type SolverSchedule,
  solverSchedule,
  solverTimesteps,
} from './dpm-schedule.js'
import type { DPMWeights } from './dpm-solver.js'
import { DPMSolverRun, type Plan, slope } from './dpm-solver-run.js'
import { divided, f32, linear } from './float32.js'
import { flag, type Schema } from './option-specs.js'
import { sigmaSchema } from './sigmas.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { TrainingOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface DPMSolverSinglestepOptions extends TrainingOptions, DPMSolverOptions {
  /** Lower orders at the end. Always so where the end is no noise at all, or the orders do not fit the steps. */
  readonly lowerOrderFinal: boolean
}

const schema: Schema<DPMSolverSinglestepOptions> = {
  ...trainingSchema(),
  ...thresholdSchema(),
  ...sigmaSchema(),
  ...dpmSolverSchema(),
  lowerOrderFinal: flag(false),
}

/**
 * DPM++ 2S: each group of `solverOrder` evaluations makes one step of that order.
 * Source: Lu et al., DPM-Solver++, arXiv:2211.01095, algorithm 1.
 */
export class DPMSolverSinglestepScheduler extends SchedulerBase<DPMSolverSinglestepOptions> {
  /** Options with which it does what diffusers 0.15.0 did (where lower_order_final had no effect), whatever a config says. */
  static readonly diffusers015: Partial<DPMSolverSinglestepOptions> = {
    finalSigmasType: 'sigma_min',
    lowerOrderFinal: false,
    useKarrasSigmas: false,
    useExponentialSigmas: false,
    lambdaMinClipped: Number.NEGATIVE_INFINITY,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(
    source: SchedulerSource,
    options: Partial<DPMSolverSinglestepOptions> = {},
  ): DPMSolverSinglestepScheduler {
    return new DPMSolverSinglestepScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<DPMSolverSinglestepOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('DPMSolverSinglestepScheduler', schema, options, source, {
      use_beta_sigmas: [true],
      use_flow_sigmas: [true],
      use_dynamic_shifting: [true],
      variance_type: ['learned', 'learned_range'],
    })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps, lambdaMinClipped } = this.options
    const spacing = { timestepSpacing: 'linspace', stepsOffset: 0 } as const
    const end = endOfTraining(this.alphas, lambdaMinClipped)
    const timesteps = solverTimesteps(spacing, numTrainTimesteps, request.steps, end)
    return new SinglestepRun(request, this.options, solverSchedule(this.options, this.alphas, timesteps))
  }
}

/** Order of each evaluation's step: 1, 2, 1, 2, .. for second order. */
function orders(
  steps: number,
  { solverOrder, lowerOrderFinal, finalSigmasType }: DPMSolverSinglestepOptions,
): number[] {
  const all = Array.from({ length: steps }, (_, i) => (i % solverOrder) + 1)
  if (finalSigmasType === 'zero' || (lowerOrderFinal && steps % solverOrder === 0)) all[steps - 1] = 1
  return all
}

class SinglestepRun extends DPMSolverRun<DPMSolverSinglestepOptions> {
  private readonly orders: readonly number[]
  /** The sample that the group of evaluations began with. */
  private base: Float32Array | undefined

  constructor(request: StartOptions, options: DPMSolverSinglestepOptions, schedule: SolverSchedule) {
    super(request, options, schedule)
    this.orders = orders(schedule.timesteps.length, options)
  }

  protected override plan(index: number, sample: Float32Array): Plan {
    // A partial run may begin within a group.
    const order = Math.min(this.orders[index]!, this.predictions.length)
    if (order === 1) this.base = sample.slice()
    return { order, sample: this.base!, from: index - order + 1 }
  }

  protected override firstOf(order: number): number {
    return order - 1
  }

  protected override terms(
    { order, from }: Plan,
    weights: DPMWeights,
    index: number,
  ): (readonly [number, Float32Array])[] {
    if (order === 1) return []
    const lambda = this.at(from).lambda
    const h = f32(this.at(index + 1).lambda - lambda)
    const r0 = f32(f32(this.at(index).lambda - lambda) / h)
    const whole = slope(r0, this.prediction(0), this.prediction(order - 1))
    const midpoint = this.options.solverType === 'midpoint'
    if (order === 2) return [[midpoint ? weights.midpoint : weights.heun, whole]]
    if (midpoint) return [[weights.heun, whole]]
    const r1 = f32(f32(this.at(index - 1).lambda - lambda) / h)
    const half = slope(r1, this.prediction(1), this.prediction(2))
    const difference = f32(r0 - r1)
    return [
      [weights.heun, divided(linear([r0, half], [-r1, whole]), difference)],
      [weights.d2, divided(linear([2, linear([1, whole], [-1, half])]), difference)],
    ]
  }
}
