import { ConfigError } from '@viscpm/core'
import { DDIMScheduler } from './ddim.js'
import { DDPMScheduler } from './ddpm.js'
import { DPMSolverMultistepScheduler } from './dpm-solver-multistep.js'
import { DPMSolverSinglestepScheduler } from './dpm-solver-singlestep.js'
import { EulerAncestralDiscreteScheduler } from './euler-ancestral.js'
import { EulerDiscreteScheduler } from './euler-discrete.js'
import { HeunDiscreteScheduler } from './heun-discrete.js'
import { LCMScheduler } from './lcm.js'
import { LMSDiscreteScheduler } from './lms-discrete.js'
import { PNDMScheduler } from './pndm.js'
import { TCDScheduler } from './tcd.js'
import type { Scheduler, SchedulerConfig } from './types.js'
import { UniPCMultistepScheduler } from './unipc-multistep.js'

interface SchedulerClass {
  readonly diffusers015?: object
  fromConfig(config: SchedulerConfig, options?: object): Scheduler
}

const classes: Readonly<Record<string, SchedulerClass>> = {
  DDIMScheduler,
  DDPMScheduler,
  DPMSolverMultistepScheduler,
  DPMSolverSinglestepScheduler,
  EulerAncestralDiscreteScheduler,
  EulerDiscreteScheduler,
  HeunDiscreteScheduler,
  LCMScheduler,
  LMSDiscreteScheduler,
  PNDMScheduler,
  TCDScheduler,
  UniPCMultistepScheduler,
}

/** `_class_name`s that `schedulerFromConfig` knows. */
export const schedulerNames: readonly string[] = Object.freeze(Object.keys(classes))

export interface FromConfigOptions {
  /** Whose reading of the config: VisCPM-Paint pins 0.15.0, which knew fewer keys. Default 0.35.2. */
  readonly diffusersVersion?: '0.15.0' | '0.35.2'
}

/**
 * Makes the scheduler that a `scheduler_config.json` (parsed), or another scheduler's config, names as `_class_name`.
 * Brings every scheduler with it: import a class and use its `fromConfig` where the size of a bundle matters.
 * @throws ConfigError when the name is missing or unknown (to that version), or a value is wrong.
 */
export function schedulerFromConfig(config: SchedulerConfig, options: FromConfigOptions = {}): Scheduler {
  const name = (config as SchedulerConfig | null)?._class_name
  const known = typeof name === 'string' && Object.hasOwn(classes, name) ? classes[name] : undefined
  const old = options.diffusersVersion === '0.15.0'
  if (known && (!old || known.diffusers015)) return known.fromConfig(config, old ? known.diffusers015 : undefined)
  throw new ConfigError({
    field: '_class_name',
    message: `${JSON.stringify(name)} is no scheduler that ${old && known ? 'diffusers 0.15.0 had' : 'is supported'}`,
    hint: `Known are ${schedulerNames.join(', ')}.`,
  })
}
