import type { PaintSettings } from '../engine/types.js'

/** What stands in the form of painting. Undefined: the model's own. */
export interface PaintForm {
  readonly prompt: string
  readonly negativePrompt: string
  /** As typed. */
  readonly seed: string
  /** Whether the next picture takes the same seed. */
  readonly seedLocked: boolean
  readonly steps: number | undefined
  readonly guidanceScale: number | undefined
  readonly scheduler: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly candidates: number | undefined
  readonly strength: number
}

export const defaultForm: PaintForm = {
  prompt: '',
  negativePrompt: '',
  seed: '',
  seedLocked: false,
  steps: undefined,
  guidanceScale: undefined,
  scheduler: undefined,
  width: undefined,
  height: undefined,
  candidates: undefined,
  strength: 0.8,
}

/** What may be chosen; all of it the server checks again. */
export const ranges = {
  steps: { min: 1, max: 100, step: 1 },
  guidanceScale: { min: 1, max: 20, step: 0.5 },
  candidates: { min: 1, max: 8, step: 1 },
  strength: { min: 0.05, max: 1, step: 0.05 },
  side: { min: 8, max: 2048, step: 8 },
} as const

const maxSeed = 2n ** 64n - 1n

export function isSeed(text: string): boolean {
  return /^\d{1,20}$/.test(text) && BigInt(text) <= maxSeed
}

/** A seed that is short enough to be read out. */
export function randomSeed(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0])
}

/** Settings of a request. The seed is drawn here unless it is kept, so that it is known while it paints. */
export function settingsOf(form: PaintForm, withImage: boolean): PaintSettings {
  const { prompt, negativePrompt, steps, guidanceScale, scheduler, width, height, candidates, strength } = form
  const optional = { steps, guidanceScale, scheduler, width, height, candidates }
  const chosen = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    prompt: prompt.trim(),
    negativePrompt: negativePrompt.trim(),
    seed: form.seedLocked && isSeed(form.seed) ? form.seed : randomSeed(),
    ...(chosen as Partial<PaintSettings>),
    ...(withImage ? { strength } : {}),
  }
}

/** The form with the settings of a painted picture, seed kept: painting again gives that picture. */
export function formOf(settings: PaintSettings): PaintForm {
  const { seed, strength, ...rest } = settings
  return {
    ...defaultForm,
    ...rest,
    seed: seed ?? '',
    seedLocked: seed !== undefined,
    strength: strength ?? defaultForm.strength,
  }
}

/** A form that was kept, or undefined where it is none. */
export function parseForm(kept: unknown): PaintForm | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const given = kept as Record<string, unknown>
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '')
  const number = (name: string): number | undefined => {
    const value = given[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  return {
    prompt: text('prompt'),
    negativePrompt: text('negativePrompt'),
    seed: text('seed'),
    seedLocked: given.seedLocked === true && isSeed(text('seed')),
    steps: number('steps'),
    guidanceScale: number('guidanceScale'),
    scheduler: text('scheduler') || undefined,
    width: number('width'),
    height: number('height'),
    candidates: number('candidates'),
    strength: number('strength') ?? defaultForm.strength,
  }
}
