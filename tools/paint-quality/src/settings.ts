import { type GenerateOptions, presets } from '@viscpm/paint'
import type { QuantizeUNetOptions } from '@viscpm/paint/node'
import { keptOfUNet } from '@viscpm/unet-sampler'

/** One way of painting. */
export interface Setting {
  readonly name: string
  readonly scheduler: 'ddpm' | 'dpm-solver++'
  readonly steps: number
  readonly saver?: Pick<GenerateOptions, 'guidanceInterval' | 'deepCache' | 'tokenMerging'>
  /** Painted with a painter that was calibrated so, without any of the prompts; its name says how. */
  readonly int8?: { readonly name: string } & Pick<QuantizeUNetOptions, 'keep' | 'method' | 'percentile' | 'vaeDecoder'>
  /** Added to every seed: other pictures of the same prompts. */
  readonly otherSeeds?: number
}

/** Upstream's own way, which all others are held against. */
export const reference = 'DDPM 50'
/** The same solver with many steps and without savers. */
export const sameSolver = 'DPM++ 50'

const cache = (interval: number, branch = 0) => ({ deepCache: { interval, branch } })
const guided = (to: number, from = 0) => ({ guidanceInterval: [from, to] as const })
const merged = (tokenMerging: number) => ({ tokenMerging })
const dpm = (steps: number, what: string, saver: Setting['saver'] = {}): Setting => ({
  name: `DPM++ ${steps}${what && `, ${what}`}`,
  scheduler: 'dpm-solver++',
  steps,
  saver,
})

const int8: NonNullable<Setting['int8']> = { name: 'int8' }
const int8Vae: NonNullable<Setting['int8']> = { name: 'int8 and VAE', vaeDecoder: true }
const int8WithoutFf: NonNullable<Setting['int8']> = {
  name: 'int8 but ff.net.2',
  keep: [...keptOfUNet, /\.ff\.net\.2\./],
}
const int8Cut: NonNullable<Setting['int8']> = { name: 'int8 by percentile', method: 'percentile', percentile: 0.9999 }
const with8 = (setting: Setting, how: NonNullable<Setting['int8']>): Setting => ({
  ...setting,
  name: `${setting.name}, ${how.name}`,
  int8: how,
})

const { steps, guidanceInterval, deepCache, tokenMerging } = presets.fast

const upstream: Setting = { name: reference, scheduler: 'ddpm', steps: 50 }
const fast: Setting = {
  name: 'fast',
  scheduler: 'dpm-solver++',
  steps,
  saver: { guidanceInterval, deepCache, tokenMerging },
}

export const settings: readonly Setting[] = [
  upstream,
  { name: `${reference}, other seeds`, scheduler: 'ddpm', steps: 50, otherSeeds: 500_000 },
  { name: 'DDPM 20', scheduler: 'ddpm', steps: 20 },
  dpm(50, ''),
  dpm(20, ''),
  dpm(15, ''),
  dpm(12, ''),
  dpm(10, ''),
  dpm(20, 'guided 0-0.8', guided(0.8)),
  dpm(20, 'guided 0-0.6', guided(0.6)),
  dpm(20, 'guided 0-0.4', guided(0.4)),
  dpm(20, 'guided 0.2-0.8', guided(0.8, 0.2)),
  dpm(20, 'cache 2', cache(2)),
  dpm(20, 'cache 3', cache(3)),
  dpm(20, 'cache 5', cache(5)),
  dpm(20, 'cache 3 branch 1', cache(3, 1)),
  dpm(20, 'cache 5 branch 1', cache(5, 1)),
  dpm(20, 'merged 0.25', merged(0.25)),
  dpm(20, 'merged 0.5', merged(0.5)),
  dpm(20, 'merged 0.75', merged(0.75)),
  dpm(20, 'guided 0-0.6, cache 3', { ...guided(0.6), ...cache(3) }),
  dpm(20, 'guided 0-0.6, cache 3, merged 0.5', { ...guided(0.6), ...cache(3), ...merged(0.5) }),
  dpm(20, 'guided 0-0.4, cache 3', { ...guided(0.4), ...cache(3) }),
  dpm(20, 'guided 0-0.4, cache 3, merged 0.5', { ...guided(0.4), ...cache(3), ...merged(0.5) }),
  dpm(20, 'guided 0-0.4, cache 5', { ...guided(0.4), ...cache(5) }),
  dpm(12, 'guided 0-0.5, cache 2', { ...guided(0.5), ...cache(2) }),
  dpm(12, 'guided 0-0.5, cache 3', { ...guided(0.5), ...cache(3) }),
  dpm(12, 'guided 0-0.5, cache 3, merged 0.5', { ...guided(0.5), ...cache(3), ...merged(0.5) }),
  dpm(10, 'X cache 2', { ...cache(2, 0) }),
  dpm(10, 'X cache 3', { ...cache(3, 0) }),
  dpm(12, 'X cache 3', { ...cache(3, 0) }),
  dpm(12, 'X cache 4', { ...cache(4, 0) }),
  dpm(9, 'X cache 3', { ...cache(3, 0) }),
  dpm(8, 'X cache 2', { ...cache(2, 0) }),
  dpm(8, 'X cache 4', { ...cache(4, 0) }),
  dpm(15, 'X cache 5', { ...cache(5, 0) }),
  dpm(15, 'X cache 3', { ...cache(3, 0) }),
  dpm(12, 'X guided 0-0.8, cache 3', { ...guided(0.8), ...cache(3, 0) }),
  dpm(12, 'X guided 0-0.8, cache 4', { ...guided(0.8), ...cache(4, 0) }),
  dpm(10, 'X guided 0-0.8, cache 2', { ...guided(0.8), ...cache(2, 0) }),
  dpm(10, 'X guided 0-0.8, cache 3', { ...guided(0.8), ...cache(3, 0) }),
  dpm(10, 'X cache 2, merged 0.5', { ...cache(2, 0), ...merged(0.5) }),
  dpm(12, 'X cache 3, merged 0.5', { ...cache(3, 0), ...merged(0.5) }),
  dpm(12, 'X cache 3, merged 0.25', { ...cache(3, 0), ...merged(0.25) }),
  fast,
  with8(upstream, int8),
  with8(dpm(50, ''), int8),
  with8(dpm(20, ''), int8),
  with8(dpm(20, ''), int8Vae),
  with8(dpm(20, ''), int8WithoutFf),
  with8(dpm(20, ''), int8Cut),
  with8(fast, int8),
  with8(fast, int8Vae),
  with8(fast, int8WithoutFf),
]
