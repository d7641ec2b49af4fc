export type { ClipOptions, ThresholdOptions } from './clip.js'
export { type DDIMOptions, DDIMScheduler } from './ddim.js'
export { type DDPMOptions, DDPMScheduler } from './ddpm.js'
export type { DiscreteOptions, InitNoiseOptions } from './discrete.js'
export type { DPMSolverOptions, FinalSigmas } from './dpm-schedule.js'
export type { DPMAlgorithm } from './dpm-solver.js'
export { type DPMSolverMultistepOptions, DPMSolverMultistepScheduler } from './dpm-solver-multistep.js'
export { type DPMSolverSinglestepOptions, DPMSolverSinglestepScheduler } from './dpm-solver-singlestep.js'
export { type EulerAncestralDiscreteOptions, EulerAncestralDiscreteScheduler } from './euler-ancestral.js'
export { type EulerDiscreteOptions, EulerDiscreteScheduler } from './euler-discrete.js'
export { type FromConfigOptions, schedulerFromConfig, schedulerNames } from './from-config.js'
export { type HeunDiscreteOptions, HeunDiscreteScheduler } from './heun-discrete.js'
export { type LCMOptions, LCMScheduler } from './lcm.js'
export { type LMSDiscreteOptions, LMSDiscreteScheduler } from './lms-discrete.js'
export { type PNDMOptions, PNDMScheduler } from './pndm.js'
export type { SigmaOptions } from './sigmas.js'
export type { SpacingOptions, TimestepSpacing } from './spacing.js'
export { stableDiffusionScheduler } from './stable-diffusion.js'
export { type TCDOptions, TCDScheduler } from './tcd.js'
export type { BetaSchedule, PredictionType, TrainingOptions, ZeroSnrOptions } from './training-options.js'
export type {
  Sample,
  Scheduler,
  SchedulerConfig,
  SchedulerRun,
  SchedulerSource,
  StartOptions,
  StepInput,
  StepResult,
} from './types.js'
export type { UniPCSolver } from './unipc.js'
export { type UniPCMultistepOptions, UniPCMultistepScheduler } from './unipc-multistep.js'
