import type { SchedulerConfig } from './types.js'

/**
 * `scheduler_config.json` of Stable Diffusion 2.1-base, which VisCPM-Paint's UNet comes from: how it was trained.
 * What `new XScheduler(options)` leaves out is taken from here. Source: its model page, which is gone.
 */
export const stableDiffusionScheduler: SchedulerConfig = Object.freeze({
  _class_name: 'PNDMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  clip_sample: false,
  steps_offset: 1,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  trained_betas: null,
  prediction_type: 'epsilon',
})
