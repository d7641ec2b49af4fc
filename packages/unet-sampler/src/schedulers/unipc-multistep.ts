import { ConfigError } from '@viscpm/core'
import { SchedulerBase } from './base.js'
import { clipped, type ThresholdOptions, thresholdSchema } from './clip.js'
import { type FinalSigmas, type SolverSchedule, solverSchedule, solverTimesteps } from './dpm-schedule.js'
import { type LogLevel, logLevel } from './dpm-solver.js'
import { flag, oneOf, type Schema, wholeNumbers } from './option-specs.js'
import { type Level, noiseOf, originalOf } from './prediction.js'
import type { AddedNoise, Step, Update } from './run.js'
import { SigmaRun } from './sigma-run.js'
import { type SigmaOptions, sigmaSchema, withSomeSignal } from './sigmas.js'
import { type SpacingOptions, spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'
import { corrected, type Past, predicted, type UniPCSolver } from './unipc.js'

export interface UniPCMultistepOptions
  extends TrainingOptions,
    ThresholdOptions,
    SigmaOptions,
    SpacingOptions,
    ZeroSnrOptions {
  readonly predictionType: PredictionType
  /** 1 to 3; the corrector is one order above. */
  readonly solverOrder: 1 | 2 | 3
  /** Works on predictions of the clean sample; false: of the noise. */
  readonly predictX0: boolean
  /** bh1 is for few steps without guidance. */
  readonly solverType: UniPCSolver
  readonly lowerOrderFinal: boolean
  /** Steps (from 0) whose result is not corrected. */
  readonly disableCorrector: readonly number[]
  readonly finalSigmasType: FinalSigmas
}

const schema: Schema<UniPCMultistepOptions> = {
  ...trainingSchema(),
  ...thresholdSchema(),
  ...sigmaSchema(),
  ...spacingSchema('linspace'),
  predictionType: oneOf(['epsilon', 'v_prediction', 'sample'], 'epsilon'),
  solverOrder: oneOf([1, 2, 3], 2),
  predictX0: flag(true),
  solverType: oneOf(['bh1', 'bh2'], 'bh2', { midpoint: 'bh2', heun: 'bh2', logrho: 'bh2' }),
  lowerOrderFinal: flag(true),
  disableCorrector: wholeNumbers(),
  finalSigmasType: oneOf(['zero', 'sigma_min'], 'zero'),
  rescaleBetasZeroSnr: flag(false),
}

/**
 * Predictor and corrector of any order; the corrector needs no evaluation of its own.
 * Source: Zhao et al., UniPC, arXiv:2302.04867.
 */
export class UniPCMultistepScheduler extends SchedulerBase<UniPCMultistepOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<UniPCMultistepOptions> = {
    timestepSpacing: 'linspace',
    finalSigmasType: 'sigma_min',
    useKarrasSigmas: false,
    useExponentialSigmas: false,
    rescaleBetasZeroSnr: false,
  }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<UniPCMultistepOptions> = {}): UniPCMultistepScheduler {
    return new UniPCMultistepScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<UniPCMultistepOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('UniPCMultistepScheduler', schema, options, source, {
      use_beta_sigmas: [true],
      use_flow_sigmas: [true],
      use_dynamic_shifting: [true],
    })
    if (!this.options.predictX0 && this.options.finalSigmasType === 'zero')
      throw new ConfigError({
        field: 'final_sigmas_type',
        message: "'zero' cannot be reached from predictions of the noise (predict_x0 false)",
        hint: "Take 'sigma_min', or predict_x0 true.",
      })
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const timesteps = solverTimesteps(this.options, this.options.numTrainTimesteps, request.steps)
    const schedule = solverSchedule(this.options, withSomeSignal(this.alphas), timesteps)
    return new UniPCRun(request, this.options, schedule)
  }
}

class UniPCRun extends SigmaRun {
  /** The newest last. */
  private readonly past: Past[] = []
  /** The sample that the last prediction started from, and its order. */
  private last: { readonly sample: Float32Array; readonly order: number } | undefined

  constructor(
    request: StartOptions,
    private readonly options: UniPCMultistepOptions,
    { timesteps, sigmas }: SolverSchedule,
  ) {
    super(request, options.numTrainTimesteps, timesteps, sigmas, 1)
  }

  protected override added(_sigma: number, kept: Level): AddedNoise {
    return kept
  }

  private at(index: number): LogLevel {
    return logLevel(this.allSigmas[index]!)
  }

  protected override update({ output, sample, index, batch }: Step): Update {
    const { predictionType, predictX0, solverOrder, solverType, lowerOrderFinal, finalSigmasType } = this.options
    const level = this.at(index)
    const original = clipped(originalOf(predictionType, level, sample, output), batch, this.options)
    const model = predictX0 ? original : noiseOf(predictionType, level, sample, output).slice()

    const start =
      this.last && !this.options.disableCorrector.includes(index - 1)
        ? corrected(solverType, predictX0, this.past, { level, model }, this.last.sample, this.last.order)
        : sample.slice()

    this.past.push({ level, model })
    if (this.past.length > solverOrder) this.past.shift()
    const left = this.allSigmas.length - 1 - index
    // To no noise at all the distance is infinite, which only first order can go.
    const most = lowerOrderFinal || (left === 1 && finalSigmasType === 'zero') ? left : solverOrder
    const order = Math.min(most, solverOrder, this.past.length)
    this.last = { sample: start, order }
    const previous = predicted(solverType, predictX0, this.past, this.at(index + 1), start, order)
    return { previous, original: original.slice() }
  }
}
