import type { PaintFull } from '../full/paint.js'
import type { FullReport } from '../full/report.js'
import type { BenchOptions, FullGroup, GroupName } from '../options.js'
import type { Measurement } from '../result.js'

/** What a group measures with. */
export interface GroupContext {
  /** For files that are gone afterwards; groups share it. */
  readonly folder: string
  readonly options: BenchOptions
  /** The Python that has torch, and the one that has diffusers too; undefined: there is nothing to compare with. */
  readonly torch: string | undefined
  readonly diffusers: string | undefined
  readonly log: (text: string) => void
}

type Group<T> = (context: GroupContext) => Promise<T>

const language =
  (name: 'language-tiny' | 'language-mid'): Group<Measurement[]> =>
  async ({ folder, options, torch, log }) =>
    (await import('./language.js')).measureLanguage(name, folder, options, torch, log)

const paint =
  (name: 'paint-mid' | 'paint-full'): Group<Measurement[]> =>
  async ({ folder, options, diffusers, log }) =>
    (await import('./paint.js')).measurePaint(name, folder, options, diffusers, log)

/** Every group by its name; each loads only what it needs. */
export const groups: Readonly<Record<Exclude<GroupName, FullGroup>, Group<Measurement[]>>> = {
  'language-tiny': language('language-tiny'),
  'language-mid': language('language-mid'),
  vision: async ({ folder, options, torch, log }) =>
    (await import('./vision.js')).measureVision(folder, options, torch, log),
  tokenizer: async ({ options }) => (await import('./whole.js')).measureTokenizer(options),
  chat: async ({ options }) => (await import('./whole.js')).measureChat(options),
  lookup: async ({ folder, options, log }) => (await import('./lookup.js')).measureLookup(folder, options, log),
  'kv-cache': async ({ folder, options, log }) =>
    (await import('./kv-cache.js')).measureKeyValues(folder, options, log),
  'event-loop': async ({ folder, options }) => (await import('./event-loop.js')).measureEventLoop(folder, options),
  'paint-mid': paint('paint-mid'),
  'paint-full': paint('paint-full'),
  fast: async ({ folder, options, log }) => (await import('./fast.js')).measureFast(folder, options, log),
  'paint-int8': async ({ folder, options, diffusers, log }) =>
    (await import('./paint-int8.js')).measurePaintInt8(folder, options, diffusers, log),
}

/** What there is about the published sizes. */
export interface FullReports {
  readonly full?: FullReport
  readonly paint?: PaintFull
}

/** Groups that give the table of the published sizes. */
export const fullGroups: Readonly<Record<FullGroup, Group<FullReports>>> = {
  'full-chat': async ({ options, log }) => ({
    full: await (await import('../full/measure.js')).measureChatFull(options, log),
  }),
  'full-paint': async ({ options, log }) => ({
    paint: await (await import('../full/paint.js')).measurePaintFull(options, log),
  }),
}
