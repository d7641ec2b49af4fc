import { InvalidArgumentError } from '@viscpm/core'
import { type DeepCacheOptions, DPMSolverMultistepScheduler, type Scheduler } from '@viscpm/unet-sampler'

/** What a preset stands for; options that are given themselves come before it. */
export interface PaintPreset {
  readonly steps: number
  /** For a model that was trained as `trained` says. */
  readonly scheduler: (trained: Scheduler) => Scheduler
  readonly guidanceInterval: readonly [from: number, to: number]
  readonly deepCache: DeepCacheOptions
  readonly tokenMerging: number
}

export type PresetName = 'fast'

/** How they were chosen, and what they cost: docs/painting-faster.md. */
export const presets: Readonly<Record<PresetName, PaintPreset>> = {
  fast: {
    steps: 20,
    scheduler: trained => DPMSolverMultistepScheduler.fromConfig(trained.config),
    guidanceInterval: [0, 0.6],
    deepCache: { interval: 3, branch: 0 },
    tokenMerging: 0.5,
  },
}

/** @throws InvalidArgumentError for a name that is none */
export function presetOf(name: PresetName | undefined): PaintPreset | undefined {
  if (name === undefined) return undefined
  if (Object.hasOwn(presets, name)) return presets[name]
  throw new InvalidArgumentError({
    argument: 'preset',
    message: `must be ${Object.keys(presets).join(' or ')}, not ${String(name)}`,
  })
}
