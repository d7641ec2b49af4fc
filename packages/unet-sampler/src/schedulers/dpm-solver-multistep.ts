import { SchedulerBase } from './base.js'
import { thresholdSchema } from './clip.js'
import {
  type DPMSolverOptions,
  dpmSolverSchema,
  endOfTraining,
  solverSchedule,
  solverTimesteps,
} from './dpm-schedule.js'
import type { DPMWeights } from './dpm-solver.js'
import { DPMSolverRun, type Plan, slope } from './dpm-solver-run.js'
import { f32, linear } from './float32.js'
import { flag, type Schema } from './option-specs.js'
import { sigmaSchema, withSomeSignal } from './sigmas.js'
import { type SpacingOptions, spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface DPMSolverMultistepOptions extends TrainingOptions, DPMSolverOptions, SpacingOptions, ZeroSnrOptions {
  /** Lower orders at the end of runs of fewer than 15 steps. */
  readonly lowerOrderFinal: boolean
  /** First order at the last step, whatever the number of steps. */
  readonly eulerAtFinal: boolean
}

const schema: Schema<DPMSolverMultistepOptions> = {
  ...trainingSchema(),
  ...thresholdSchema(),
  ...sigmaSchema(),
  ...spacingSchema('linspace'),
  ...dpmSolverSchema(),
  lowerOrderFinal: flag(true),
  eulerAtFinal: flag(false),
  rescaleBetasZeroSnr: flag(false),
}

/**
 * DPM++ 2M (and 3M: `solverOrder`), with Karras levels, and as SDE: `algorithmType: 'sde-dpmsolver++'`.
 * Source: Lu et al., DPM-Solver++, arXiv:2211.01095, algorithm 2.
 */
export class DPMSolverMultistepScheduler extends SchedulerBase<DPMSolverMultistepOptions> {
  /**
   * Options with which it does what diffusers 0.15.0 did, whatever a config says. With Karras levels 0.15.0 took those
   * of the nearest whole timesteps; here they are always exact.
   */
  static readonly diffusers015: Partial<DPMSolverMultistepOptions> = {
    timestepSpacing: 'linspace',
    finalSigmasType: 'sigma_min',
    eulerAtFinal: false,
    useExponentialSigmas: false,
    lambdaMinClipped: Number.NEGATIVE_INFINITY,
    rescaleBetasZeroSnr: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(
    source: SchedulerSource,
    options: Partial<DPMSolverMultistepOptions> = {},
  ): DPMSolverMultistepScheduler {
    return new DPMSolverMultistepScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<DPMSolverMultistepOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('DPMSolverMultistepScheduler', schema, options, source, {
      use_beta_sigmas: [true],
      use_lu_lambdas: [true],
      use_flow_sigmas: [true],
      use_dynamic_shifting: [true],
      variance_type: ['learned', 'learned_range'],
    })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps, lambdaMinClipped, betaSchedule } = this.options
    const alphas = withSomeSignal(this.alphas)
    const end = endOfTraining(alphas, lambdaMinClipped)
    const timesteps = solverTimesteps(this.options, numTrainTimesteps, request.steps, end)
    const schedule = solverSchedule(this.options, alphas, timesteps, betaSchedule === 'squaredcos_cap_v2')
    return new MultistepRun(request, this.options, schedule)
  }
}

class MultistepRun extends DPMSolverRun<DPMSolverMultistepOptions> {
  protected override plan(index: number, sample: Float32Array): Plan {
    const { lowerOrderFinal, eulerAtFinal, finalSigmasType } = this.options
    const evaluations = this.allSigmas.length - 1
    const left = evaluations - 1 - index
    const lowers = lowerOrderFinal && evaluations < 15
    const first = left === 0 && (lowers || eulerAtFinal || finalSigmasType === 'zero')
    const most = first ? 1 : left === 1 && lowers ? 2 : 3
    return { order: Math.min(this.predictions.length, most), sample, from: index }
  }

  protected override firstOf(): number {
    return 0
  }

  protected override terms({ order }: Plan, weights: DPMWeights, index: number): (readonly [number, Float32Array])[] {
    if (order === 1) return []
    const [t, s0, s1] = [this.at(index + 1).lambda, this.at(index).lambda, this.at(index - 1).lambda]
    const h = f32(t - s0)
    const r0 = f32(f32(s0 - s1) / h)
    const newer = slope(r0, this.prediction(0), this.prediction(1))
    if (order === 2) return [[this.options.solverType === 'heun' ? weights.heun : weights.midpoint, newer]]
    const r1 = f32(f32(s1 - this.at(index - 2).lambda) / h)
    const older = slope(r1, this.prediction(1), this.prediction(2))
    const change = linear([1, newer], [-1, older])
    const sum = f32(r0 + r1)
    return [
      [weights.heun, linear([1, newer], [f32(r0 / sum), change])],
      [weights.d2, linear([f32(1 / sum), change])],
    ]
  }
}
