import { InvalidArgumentError } from '@viscpm/core'
import { AlphaRun } from './alpha-run.js'
import { SchedulerBase } from './base.js'
import { divided, f32, linear, sqrt32 } from './float32.js'
import { flag, oneOf, type Schema } from './option-specs.js'
import { levelOf, noiseOf, originalOf } from './prediction.js'
import type { Step, Update } from './run.js'
import { roundHalfEven, type SpacingOptions, spacedTimesteps, spacingSchema } from './spacing.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import { trainingSchema } from './training.js'
import type { TrainingOptions } from './training-options.js'
import type { SchedulerRun, SchedulerSource, StartOptions } from './types.js'

export interface PNDMOptions extends TrainingOptions, SpacingOptions {
  readonly predictionType: 'epsilon' | 'v_prediction'
  /** Begins with one repeated step (N + 1 evaluations) instead of three Runge-Kutta steps (N + 9). */
  readonly skipPrkSteps: boolean
  /** The last step leads to no noise at all, instead of to the noise of timestep 0. */
  readonly setAlphaToOne: boolean
}

const schema: Schema<PNDMOptions> = {
  ...trainingSchema(),
  ...spacingSchema('leading'),
  predictionType: oneOf(['epsilon', 'v_prediction'], 'epsilon'),
  skipPrkSteps: flag(false),
  setAlphaToOne: flag(false),
}

/**
 * Linear multistep of order four (PLMS). Its timesteps repeat the second one.
 * A partial run counts its own steps, as in diffusers: it takes its second evaluation for the repeated one, so it ends
 * one step further than it evaluates.
 * Source: Liu, Ren, Lin, Zhao, Pseudo Numerical Methods for Diffusion Models on Manifolds, arXiv:2202.09778.
 */
export class PNDMScheduler extends SchedulerBase<PNDMOptions> {
  /** Options with which it does what diffusers 0.15.0 did, whatever a config says. */
  static readonly diffusers015: Partial<PNDMOptions> = { timestepSpacing: 'leading' }

  /** @throws ConfigError, InvalidArgumentError see `resolveOptions` */
  static fromConfig(source: SchedulerSource, options: Partial<PNDMOptions> = {}): PNDMScheduler {
    return new PNDMScheduler(options, source)
  }

  /** @param source where options left out come from. Default: Stable Diffusion's training. */
  constructor(options: Partial<PNDMOptions> = {}, source: SchedulerSource = stableDiffusionScheduler) {
    super('PNDMScheduler', schema, options, source)
  }

  protected override begin(request: StartOptions): SchedulerRun {
    const { numTrainTimesteps, skipPrkSteps } = this.options
    const spaced = spacedTimesteps(this.options, numTrainTimesteps, request.steps).map(roundHalfEven)
    if (skipPrkSteps)
      return new PNDMRun(request, this.alphas, this.options, [...spaced.slice(0, 2), ...spaced.slice(1)], 0)
    if (request.steps < 4)
      throw new InvalidArgumentError({ argument: 'steps', message: 'must be at least 4, or skipPrkSteps true' })
    if ((request.strength ?? 1) < 1 || request.beginAt)
      throw new InvalidArgumentError({
        argument: request.beginAt ? 'beginAt' : 'strength',
        message: 'a partial run needs skipPrkSteps: true',
      })
    const prk = rungeKuttaTimesteps(spaced, Math.floor(numTrainTimesteps / request.steps / 2))
    return new PNDMRun(request, this.alphas, this.options, [...prk, ...spaced.slice(3)], prk.length)
  }
}

/** Each of the first three steps at its beginning, twice in its middle, at its end. */
function rungeKuttaTimesteps(spaced: readonly number[], half: number): number[] {
  return [0, 1, 2].flatMap(i => {
    const end = spaced[i + 1]!
    return [spaced[i]!, end + half, end + half, end]
  })
}

class PNDMRun extends AlphaRun {
  private readonly stride: number
  /** Model outputs at whole steps, the newest last. */
  private readonly outputs: Float32Array[] = []
  private base: Float32Array | undefined
  /** Weighted sum of a Runge-Kutta step. */
  private sum: Float32Array | undefined

  constructor(
    request: StartOptions,
    alphas: Float32Array,
    private readonly options: PNDMOptions,
    private readonly schedule: readonly number[],
    private readonly prkCount: number,
  ) {
    super(request, alphas, options.predictionType, schedule)
    this.stride = Math.floor(options.numTrainTimesteps / request.steps)
  }

  protected override update(step: Step): Update {
    const { output, sample, timestep } = step
    const original = originalOf(this.options.predictionType, levelOf(this.alphas[timestep]!), sample, output)
    const previous = this.stepsTaken < this.prkCount ? this.rungeKutta(step) : this.multistep(step)
    return { previous, original }
  }

  private rungeKutta({ output, sample, timestep }: Step): Float32Array {
    const part = this.stepsTaken % 4
    const from = this.schedule[this.stepsTaken - part]!
    const to = timestep - (part % 2 ? 0 : Math.floor(this.stride / 2))
    if (part === 0) {
      this.outputs.push(output.slice())
      this.base = sample.slice()
    }
    const weight = part === 0 || part === 3 ? 1 / 6 : 1 / 3
    this.sum = this.sum ? linear([1, this.sum], [weight, output]) : linear([weight, output])
    if (part < 3) return this.transfer(this.base!, from, to, output)
    const total = this.sum
    this.sum = undefined
    return this.transfer(this.base!, from, to, total)
  }

  private multistep({ output, sample, timestep }: Step): Float32Array {
    const { outputs, stride } = this
    if (this.stepsTaken === 1 && this.prkCount === 0) {
      // The first step once more, with the mean of both its ends.
      const mean = divided(linear([1, output], [1, outputs[0]!]), 2)
      return this.transfer(this.base!, timestep + stride, timestep, mean)
    }
    if (this.stepsTaken === 0) this.base = sample.slice()
    outputs.push(output.slice())
    if (outputs.length > 4) outputs.shift()
    return this.transfer(sample, timestep, timestep - stride, this.extrapolated())
  }

  /** Adams-Bashforth of the order that the outputs at hand allow. */
  private extrapolated(): Float32Array {
    const [e1, e2, e3, e4] = [...this.outputs].reverse() as [Float32Array, ...Float32Array[]]
    if (!e2) return e1
    if (!e3) return divided(linear([3, e1], [-1, e2]), 2)
    if (!e4) return divided(linear([23, e1], [-16, e2], [5, e3]), 12)
    return linear([1 / 24, linear([55, e1], [-59, e2], [37, e3], [-9, e4])])
  }

  /** Equation 9. */
  private transfer(sample: Float32Array, from: number, to: number, output: Float32Array): Float32Array {
    const a = this.alphas[from]
    if (a === undefined)
      throw new InvalidArgumentError({
        argument: 'beginAt',
        message: `there is no step before timestep ${from - this.stride}`,
      })
    const next = this.alphas[to] ?? (this.options.setAlphaToOne ? 1 : this.alphas[0]!)
    const b = f32(1 - a)
    const epsilon = noiseOf(this.options.predictionType, levelOf(a), sample, output)
    const denominator = f32(f32(a * sqrt32(f32(1 - next))) + sqrt32(f32(f32(a * b) * next)))
    return linear([sqrt32(f32(next / a)), sample], [-1, divided(linear([f32(next - a), epsilon]), denominator)])
  }
}
