import { InvalidArgumentError, NonFiniteError, WrongShapeError } from '@viscpm/core'
import { linear } from './float32.js'
import type { Level } from './prediction.js'
import { firstEvaluation } from './start.js'
import type { Sample, SchedulerRun, StartOptions, StepInput, StepResult } from './types.js'

/** What a scheduler's own arithmetic sees of a step: checked, as bare arrays that it must not change. */
export interface Step {
  readonly output: Float32Array
  readonly sample: Float32Array
  readonly timestep: number
  /** Place of the timestep in the whole schedule, the part left out included. */
  readonly index: number
  readonly batch: number
  /** Draws noise; at most once. Throws when the caller gave none, so call it before changing any state. */
  readonly noise: () => Float32Array
}

export interface Update {
  readonly previous: Float32Array
  readonly original: Float32Array
}

/** A noise level, alpha * original + sigma * noise, that need not keep the variance. */
export type AddedNoise = Level

function checkSample(argument: string, { dtype, shape, data }: Sample, like: Sample): void {
  if (dtype !== 'float32' || !(data instanceof Float32Array))
    throw new InvalidArgumentError({ argument, message: `must be float32, not ${dtype}` })
  if (String(shape) !== String(like.shape))
    throw new WrongShapeError({ key: argument, expected: like.shape, actual: shape })
}

/** What all runs do alike: order of the timesteps, checks, partial runs, adding of noise. */
export abstract class Run implements SchedulerRun {
  readonly timesteps: readonly number[]
  abstract readonly initNoiseSigma: number
  /** Evaluations that a partial run leaves out. */
  protected readonly begin: number
  private taken = 0

  /** @throws InvalidArgumentError when a timestep is not one of the training's, or a partial run would be empty. */
  constructor(request: StartOptions, numTrainTimesteps: number, schedule: readonly number[], order = 1) {
    if (schedule.some(t => !(t >= 0 && t <= numTrainTimesteps - 1)))
      throw new InvalidArgumentError({
        argument: 'steps',
        message: `${request.steps} steps reach timestep ${Math.max(...schedule)}, the model knows 0 to ${numTrainTimesteps - 1}`,
        hint: 'Take fewer steps, or a smaller stepsOffset.',
      })
    this.begin = firstEvaluation(request, schedule.length, order)
    this.timesteps = Object.freeze(schedule.slice(this.begin))
  }

  /** Moves the sample by one step and takes note of what later steps need. */
  protected abstract update(step: Step): Update

  /** Noise level of a timestep, as `addNoise` and `velocity` need it; undefined where it has none. */
  protected abstract level(timestep: number): { added: AddedNoise; kept: Level } | undefined

  protected scaled(sample: Float32Array, _index: number): Float32Array {
    return sample
  }

  get stepsTaken(): number {
    return this.taken
  }

  scaleModelInput(sample: Sample, timestep: number): Sample {
    this.expectTurn(timestep)
    checkSample('sample', sample, sample)
    return { ...sample, data: this.scaled(sample.data, this.begin + this.taken) }
  }

  step({ modelOutput, timestep, sample, noise }: StepInput): StepResult {
    this.expectTurn(timestep)
    checkSample('sample', sample, sample)
    checkSample('modelOutput', modelOutput, sample)
    const bad = modelOutput.data.findIndex(v => !Number.isFinite(v))
    if (bad >= 0)
      throw new NonFiniteError({
        message: `step ${this.taken + 1} of ${this.timesteps.length} (timestep ${timestep}): the model's output holds ${modelOutput.data[bad]} at element ${bad}`,
        hint: 'Weights in half precision may overflow; a wrong checkpoint or prediction type also ends like this.',
      })
    const { previous, original } = this.update({
      output: modelOutput.data,
      sample: sample.data,
      timestep,
      index: this.begin + this.taken,
      batch: sample.shape[0] ?? 1,
      noise: () => {
        const drawn = noise?.()
        if (!drawn)
          throw new InvalidArgumentError({
            argument: 'noise',
            message: 'is needed: this scheduler adds noise at its steps',
          })
        checkSample('noise', drawn, sample)
        return drawn.data
      },
    })
    this.taken++
    return { prevSample: { ...sample, data: previous }, predOriginalSample: { ...sample, data: original } }
  }

  addNoise(original: Sample, noise: Sample, timestep: number | readonly number[]): Sample {
    return this.mix(original, noise, timestep, (x, e, { added }) => linear([added.alpha, x], [added.sigma, e]))
  }

  velocity(original: Sample, noise: Sample, timestep: number | readonly number[]): Sample {
    return this.mix(original, noise, timestep, (x, e, { kept }) => linear([kept.alpha, e], [-kept.sigma, x]))
  }

  private mix(
    original: Sample,
    noise: Sample,
    timestep: number | readonly number[],
    formula: (x: Float32Array, e: Float32Array, level: { added: AddedNoise; kept: Level }) => Float32Array,
  ): Sample {
    checkSample('original', original, original)
    checkSample('noise', noise, original)
    const timesteps = typeof timestep === 'number' ? [timestep] : timestep
    if (typeof timestep !== 'number' && timesteps.length !== (original.shape[0] ?? 1))
      throw new InvalidArgumentError({
        argument: 'timestep',
        message: `${timesteps.length} timesteps are given for a batch of ${original.shape[0] ?? 1}`,
      })
    const data = new Float32Array(original.data.length)
    const size = data.length / timesteps.length
    timesteps.forEach((t, b) => {
      const level = this.level(t)
      if (!level)
        throw new InvalidArgumentError({ argument: 'timestep', message: `${t} is not a timestep of this run` })
      const part = (values: Float32Array) => values.subarray(b * size, (b + 1) * size)
      data.set(formula(part(original.data), part(noise.data), level), b * size)
    })
    return { ...original, data }
  }

  /** Where a timestep stands in the whole schedule: its turn if it is the next, else its first. */
  protected indexOf(timestep: number): number | undefined {
    const i = this.timesteps[this.taken] === timestep ? this.taken : this.timesteps.indexOf(timestep)
    return i < 0 ? undefined : this.begin + i
  }

  private expectTurn(timestep: number): void {
    const due = this.timesteps[this.taken]
    if (timestep === due) return
    const message =
      due === undefined
        ? `all ${this.timesteps.length} steps of this run are taken`
        : this.timesteps.includes(timestep)
          ? `out of order: step ${this.taken + 1} of ${this.timesteps.length} is timestep ${due}, not ${timestep}`
          : `${timestep} is not a timestep of this run; step ${this.taken + 1} is ${due}`
    throw new InvalidArgumentError({
      argument: 'timestep',
      message,
      hint: 'Take the timesteps of the run in their order; each start() gives a run of its own.',
    })
  }
}
