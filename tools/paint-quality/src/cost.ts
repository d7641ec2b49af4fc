import type { Setting } from './settings.js'

/**
 * Seconds of one evaluation of Stable Diffusion 2.1's UNet at 64 x 64 latents in float32, one picture, 2 Zen 4 cores: the
 * medians of `pnpm bench --only fast`. Only their ratios matter here.
 */
export const secondsOf = {
  whole: { guided: 8.7, alone: 4.6 },
  shallow: { guided: 0.8, alone: 0.4 },
} as const

/** The same with half of the pixels merged. */
export const secondsMerged = {
  whole: { guided: 7.5, alone: 3.8 },
  shallow: { guided: 0.53, alone: 0.27 },
} as const

/** Evaluations of each kind that a run consists of. */
export function evaluations({ steps, saver = {} }: Pick<Setting, 'steps' | 'saver'>): {
  readonly whole: { readonly guided: number; readonly alone: number }
  readonly shallow: { readonly guided: number; readonly alone: number }
} {
  const counts = { whole: { guided: 0, alone: 0 }, shallow: { guided: 0, alone: 0 } }
  const [from, to] = saver.guidanceInterval ?? [0, 1]
  const { interval = 1 } = saver.deepCache ?? {}
  let cached = false // whether the cache has the rows without the prompt
  for (let i = 0; i < steps; i++) {
    const guided = i / steps >= from && i / steps < to
    const whole = i % interval === 0 || (guided && !cached)
    if (whole) cached = guided
    counts[whole ? 'whole' : 'shallow'][guided ? 'guided' : 'alone']++
  }
  return counts
}

/** Work of the UNet in whole guided evaluations: 50 for upstream's way. Only for branch 0, and for no or half of the pixels merged. */
export function work(setting: Setting): number | undefined {
  const { tokenMerging = 0, deepCache } = setting.saver ?? {}
  if (setting.int8) return undefined
  if ((tokenMerging !== 0 && tokenMerging !== 0.5) || (deepCache?.branch ?? 0) !== 0) return undefined
  const seconds = tokenMerging === 0 ? secondsOf : secondsMerged
  const counts = evaluations(setting)
  let sum = 0
  for (const part of ['whole', 'shallow'] as const)
    for (const rows of ['guided', 'alone'] as const) sum += counts[part][rows] * seconds[part][rows]
  return sum / secondsOf.whole.guided
}
