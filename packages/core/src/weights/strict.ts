import { MissingKeyError, UnexpectedKeyError, WrongShapeError } from '../errors.js'
import type { WeightSource } from './types.js'

export interface IgnoredPattern {
  readonly pattern: RegExp
  /** Why a checkpoint may have such keys and the model does not need them. */
  readonly reason: string
}

export interface IgnoredKey {
  readonly key: string
  readonly reason: string
}

export interface KeyCheck {
  readonly source: WeightSource
  /** The model's keys and shapes. */
  readonly expected: ReadonlyMap<string, readonly number[]>
  /** Keys that may be there and are not used. A key that is expected is never ignored. */
  readonly ignored?: readonly IgnoredPattern[]
}

/**
 * Strict loading: every expected key is there with its shape, and nothing else is but what is ignored with a reason.
 * @returns the ignored keys that the checkpoint has, in its order.
 * @throws MissingKeyError, UnexpectedKeyError (each with all such keys), WrongShapeError (the first).
 */
export function checkKeys({ source, expected, ignored = [] }: KeyCheck): IgnoredKey[] {
  const missing = [...expected.keys()].filter(key => !source.has(key))
  const skipped: IgnoredKey[] = []
  const unexpected: string[] = []
  for (const key of source.keys()) {
    if (expected.has(key)) continue
    // search, unlike test, keeps no state in a global pattern.
    const match = ignored.find(({ pattern }) => key.search(pattern) !== -1)
    if (match) skipped.push({ key, reason: match.reason })
    else unexpected.push(key)
  }
  const file = source.name
  if (missing.length) {
    const hint = 'The checkpoint is of another model or variant, or its keys carry a prefix.'
    throw new MissingKeyError({ file, keys: missing, hint })
  }
  if (unexpected.length) {
    const hint = 'The checkpoint has parts that this model does not; check its configuration and variant.'
    throw new UnexpectedKeyError({ file, keys: unexpected, hint })
  }
  for (const [key, shape] of expected) {
    const actual = source.info(key).shape
    if (actual.length !== shape.length || actual.some((size, i) => size !== shape[i]))
      throw new WrongShapeError({ file, key, expected: shape, actual, hint: 'Check the sizes in the configuration.' })
  }
  return skipped
}
