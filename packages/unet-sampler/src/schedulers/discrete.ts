import { f32, sqrt32 } from './float32.js'
import { oneOf, type Schema } from './option-specs.js'
import { interpolate, otherSigmas, type SigmaOptions, timestepsOfSigmas, trainingSigmas } from './sigmas.js'
import { type SpacingOptions, spacedTimesteps } from './spacing.js'

/** Options of the schedulers after Karras et al. where diffusers' versions differ. */
export interface DiscreteOptions extends SpacingOptions {
  /** Of the timesteps that the model is given. diffusers 0.15.0: float64, later float32. */
  readonly timestepPrecision: 'float32' | 'float64'
}

/** As `DiscreteOptions`; Heun has no such difference. */
export interface InitNoiseOptions {
  /** The noise that `initNoiseSigma` is the highest level of. diffusers 0.15.0: of the training, later of the run. */
  readonly initNoiseFrom: 'run' | 'training'
}

export const discreteSchema = (): Schema<Omit<DiscreteOptions, keyof SpacingOptions>> => ({
  timestepPrecision: oneOf(['float32', 'float64'], 'float32'),
})

export const initNoiseSchema = (): Schema<InitNoiseOptions> => ({ initNoiseFrom: oneOf(['run', 'training'], 'run') })

export interface DiscreteSchedule {
  readonly timesteps: readonly number[]
  /** One more than timesteps: float32 values. */
  readonly sigmas: readonly number[]
  readonly initNoiseSigma: number
}

/** Limits other than those of the timesteps, and what the last step leads to. */
interface Ends {
  readonly lowest?: number | null
  readonly highest?: number | null
  readonly last?: number
}

/** Timesteps and noise levels of `steps` steps, for a model trained at whole timesteps. */
export function discreteSchedule(
  options: DiscreteOptions & Partial<SigmaOptions & InitNoiseOptions>,
  alphas: Float32Array,
  steps: number,
  { lowest, highest, last = 0 }: Ends = {},
): DiscreteSchedule {
  const round = options.timestepPrecision === 'float32' ? f32 : (t: number) => t
  const table = trainingSigmas(alphas)
  let timesteps = spacedTimesteps(options, alphas.length, steps).map(round)
  let sigmas = timesteps.map(t => interpolate(table, t))
  const other = otherSigmas(options, lowest ?? sigmas.at(-1)!, highest ?? sigmas[0]!, steps)
  if (other) {
    sigmas = other
    timesteps = timestepsOfSigmas(other, table).map(round)
  }
  const rounded = [...sigmas, last].map(f32)
  const most = Math.max(...(options.initNoiseFrom === 'training' ? table : rounded))
  // Where the first timestep is not the noisiest of the training, the sample's own part of its variance counts too.
  const scaled = options.timestepSpacing === 'leading' && options.initNoiseFrom !== 'training'
  return { timesteps, sigmas: rounded, initNoiseSigma: scaled ? sqrt32(f32(f32(most * most) + 1)) : most }
}
