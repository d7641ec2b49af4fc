import { InvalidArgumentError } from '@viscpm/core'

/** How tokens are guessed from the prompt and the answer so far. */
export interface LookupOptions {
  /** Most tokens fed on trial in one step. Default 8. */
  readonly maxDraft?: number
  /** Fewest last tokens that must have stood somewhere before. Default 2. */
  readonly minMatch?: number
  /** Drafts only where measured times and guesses say that it pays. Default true; false drafts wherever there is a guess. */
  readonly adaptive?: boolean
  /** Milliseconds, for `adaptive`. Default performance.now. */
  readonly now?: () => number
}

const defaults: Required<LookupOptions> = { maxDraft: 8, minMatch: 2, adaptive: true, now: () => performance.now() }

/** Fills the defaults in; undefined where lookup is off. @param byDefault whether it is on where nothing is said */
export function lookupOf(
  lookup: boolean | LookupOptions | undefined,
  byDefault: boolean,
): Required<LookupOptions> | undefined {
  if (lookup === undefined) return byDefault ? defaults : undefined
  if (typeof lookup === 'boolean') return lookup ? defaults : undefined
  const given = Object.fromEntries(Object.entries(lookup).filter(([, value]) => value !== undefined))
  return { ...defaults, ...given }
}

/** @throws InvalidArgumentError */
export function checkLookup(lookup: unknown): void {
  if (typeof lookup === 'boolean') return
  if (lookup === null || typeof lookup !== 'object')
    throw new InvalidArgumentError({ argument: 'lookup', message: `must be true, false or options, not ${lookup}` })
  for (const [name, value] of Object.entries(lookup)) {
    const fault = value === undefined ? undefined : faultOf(name, value)
    if (fault !== undefined) throw new InvalidArgumentError({ argument: `lookup.${name}`, message: fault })
  }
}

function faultOf(name: string, value: unknown): string | undefined {
  switch (name) {
    case 'maxDraft':
    case 'minMatch':
      return Number.isSafeInteger(value) && (value as number) >= 1
        ? undefined
        : `must be a whole number of at least 1, not ${String(value)}`
    case 'adaptive':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'now':
      return typeof value === 'function' ? undefined : 'must be a function'
    default:
      return 'unknown option'
  }
}
