import type { Tensor } from '@viscpm/core'

/** What is denoised, and all that goes with it: latents [batch, channels, height, width], or any other shape. */
export type Sample = Tensor<'float32'>

/** How a run begins. */
export interface StartOptions {
  /** Denoising steps, 1 to `numTrainTimesteps`. Some schedulers evaluate the model more often: see `timesteps`. */
  readonly steps: number
  /**
   * Image-to-image: the share of the steps that is run, above 0 to 1. The run begins at the noise of its first timestep,
   * so the first sample is `run.addNoise(original, noise, run.timesteps[0])`. Source: diffusers' `get_timesteps`.
   */
  readonly strength?: number | undefined
  /** The same by hand: evaluations of the model left out at the beginning. Not together with `strength`. */
  readonly beginAt?: number | undefined
}

/** What one step needs. */
export interface StepInput {
  /** What the model answered to `scaleModelInput(sample, timestep)` and `timestep`; of the sample's shape. */
  readonly modelOutput: Sample
  readonly timestep: number
  /** As it stands before this step. Not changed. */
  readonly sample: Sample
  /** Gives standard normal noise of the sample's shape. Called at most once, and not at all by steps without noise. */
  readonly noise?: (() => Sample) | undefined
}

/** What one step gives. */
export interface StepResult {
  /** The sample for the next step. After the last step: the result. */
  readonly prevSample: Sample
  /** The clean sample as the model sees it at this step: for previews. */
  readonly predOriginalSample: Sample
}

/** One denoising of one batch. Holds all state; runs of one scheduler share none. */
export interface SchedulerRun {
  /** One per evaluation of the model, in order, some of them repeated or fractional. */
  readonly timesteps: readonly number[]
  /** Noise levels of the evaluations and the one that the last step leads to, of schedulers that think in them. */
  readonly sigmas?: readonly number[]
  /** What standard normal noise is multiplied by to be the first sample of a run from pure noise. */
  readonly initNoiseSigma: number
  /** Steps taken so far. */
  readonly stepsTaken: number
  /**
   * The sample as the model wants to see it.
   * @throws InvalidArgumentError when `timestep` is not the one whose turn it is.
   */
  scaleModelInput(sample: Sample, timestep: number): Sample
  /**
   * @throws InvalidArgumentError when `timestep` is not the one whose turn it is, shapes differ, or noise is missing.
   * @throws NonFiniteError when the model's output holds NaN or infinity; the message names the step. The run is then
   * as it was before.
   */
  step(input: StepInput): StepResult
  /**
   * `original` with the noise of a timestep, or of one timestep per sample of the batch.
   * @throws InvalidArgumentError for a timestep that this run has no noise level for.
   */
  addNoise(original: Sample, noise: Sample, timestep: number | readonly number[]): Sample
  /** What a model that predicts v is trained on: alpha * noise - sigma * original. Errors as `addNoise`. */
  velocity(original: Sample, noise: Sample, timestep: number | readonly number[]): Sample
}

/** diffusers' `scheduler_config.json` as an object: snake_case keys and `_class_name`. */
export type SchedulerConfig = Readonly<Record<string, unknown>>

/** What a scheduler can be made from: another scheduler, its config, or a parsed `scheduler_config.json`. */
export type SchedulerSource = Scheduler | SchedulerConfig

/** A way of denoising. Frozen: it can be shared, and started as often as you like. */
export interface Scheduler<O extends object = object> {
  /** diffusers' class name. */
  readonly name: string
  /** Every option, those left out too. */
  readonly options: Readonly<O>
  /**
   * What was given, as JSON: makes the same scheduler again, or a sibling (`Sibling.fromConfig`). Keys that only siblings
   * know are kept, defaults are left out, so a sibling takes its own.
   */
  readonly config: SchedulerConfig
  /**
   * Begins a denoising.
   * @throws InvalidArgumentError for steps below 1 or beyond the training steps, and for a strength or beginning that
   * leaves no step.
   */
  start(request: StartOptions): SchedulerRun
}
