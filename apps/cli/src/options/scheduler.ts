import { isVisCPMError } from '@viscpm/core'
import type { PresetName } from '@viscpm/paint'
import {
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
  type Scheduler,
  type SchedulerConfig,
  stableDiffusionScheduler,
  TCDScheduler,
  UniPCMultistepScheduler,
} from '@viscpm/unet-sampler'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import { isSchedulerName, type SchedulerName } from './scheduler-names.js'

interface SchedulerClass {
  fromConfig(source: SchedulerConfig, options?: object): Scheduler
}

const classes: Readonly<Record<SchedulerName, readonly [type: SchedulerClass, options?: object]>> = {
  // As upstream: the model's file as diffusers 0.15.0 read it.
  ddpm: [DDPMScheduler, DDPMScheduler.diffusers015],
  ddim: [DDIMScheduler],
  pndm: [PNDMScheduler],
  lms: [LMSDiscreteScheduler],
  euler: [EulerDiscreteScheduler],
  'euler-ancestral': [EulerAncestralDiscreteScheduler],
  heun: [HeunDiscreteScheduler],
  'dpm-solver++': [DPMSolverMultistepScheduler],
  'dpmpp-2s': [DPMSolverSinglestepScheduler],
  'dpmpp-sde': [DPMSolverMultistepScheduler, { algorithmType: 'sde-dpmsolver++' }],
  unipc: [UniPCMultistepScheduler],
  lcm: [LCMScheduler],
  tcd: [TCDScheduler],
}

export interface SchedulerOptions {
  readonly scheduler?: SchedulerName
  readonly karras?: boolean
  /** Brings a scheduler of its own, for which --karras then counts. */
  readonly preset?: PresetName
}

/**
 * The scheduler that the command line names, for a model trained as `source` says; undefined for the model's own.
 * @throws UsageError when --karras does not go with it, ConfigError for a source that it does not support
 */
export function schedulerOf(
  { scheduler, karras, preset }: SchedulerOptions,
  t: Messages,
  source: SchedulerConfig = stableDiffusionScheduler,
): Scheduler | undefined {
  if (scheduler === undefined && !karras) return undefined
  const name = scheduler ?? (preset === undefined ? 'ddpm' : 'dpm-solver++')
  const [type, options] = classes[name]
  try {
    return type.fromConfig(source, { ...options, ...(karras && { useKarrasSigmas: true }) })
  } catch (error) {
    if (!isVisCPMError(error, 'INVALID_ARGUMENT')) throw error
    const able = Object.keys(classes).filter(isSchedulerName).filter(takesKarras)
    throw new UsageError(t.paint.noKarras(name), t.parsing.allowed(able.join(', ')))
  }
}

function takesKarras(name: SchedulerName): boolean {
  return 'useKarrasSigmas' in classes[name][0].fromConfig(stableDiffusionScheduler).options
}
