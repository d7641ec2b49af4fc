import { isVisCPMError } from '@viscpm/core'
import type { SetResult } from '../result.js'

/** JSON as parsed, with objects as Maps in file order. */
export type Json = string | number | boolean | null | readonly Json[] | ReadonlyMap<string, Json>

/**
 * Parses JSON without losing the order of keys: JavaScript moves integer-like keys to the front, and in CPM-Bee's
 * input the order has a meaning. Every key gets a prefix before parsing that is taken off afterwards.
 */
export function parseOrdered(text: string): Json {
  const prefixed = text.replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/g, (string, body: string, colon?: string) =>
    colon === undefined ? string : `"_${body}"${colon}`,
  )
  const read = (value: unknown): Json => {
    if (Array.isArray(value)) return value.map(read)
    if (typeof value !== 'object' || value === null) return value as Json
    return new Map(Object.entries(value).map(([key, child]) => [key.slice(1), read(child)]))
  }
  return read(JSON.parse(prefixed))
}

/** Arrays, typed arrays and Maps as plain JSON; a Map becomes its [key, value] pairs, so that order counts. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)]
  if (value instanceof Map) return [...value].map(plain)
  if (Array.isArray(value)) return value.map(plain)
  return value
}

/** Where two values first differ, or undefined. Maps compare equal to the list of their pairs. */
export function difference(actual: unknown, expected: unknown, path: string = ''): string | undefined {
  const a = plain(actual)
  const e = plain(expected)
  if (Array.isArray(a) && Array.isArray(e)) {
    for (let i = 0; i < Math.max(a.length, e.length); i++) {
      const found = difference(a[i], e[i], `${path}[${i}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return Object.is(a, e) ? undefined : `${path} is ${JSON.stringify(a)}, expected ${JSON.stringify(e)}`
}

/** The error that upstream raised. */
export interface RecordedError {
  readonly type: string
  readonly message: string
}

/** Runs `action`, which has to fail as upstream did: a typed error that carries upstream's message. */
export function failsLike(action: () => unknown, { type, message }: RecordedError): string | undefined {
  let result: unknown
  try {
    result = action()
  } catch (error) {
    if (!isVisCPMError(error)) return `threw ${String(error)} instead of a typed error`
    // The leaf that upstream refuses is shown in Python's notation there and in JavaScript's here.
    const meaning = type === 'AssertionError' ? message.replace(/^(Invalid data).*$/s, '$1') : message
    return error.message.includes(meaning) ? undefined : `failed with "${error.message}", expected "${message}"`
  }
  return `gave ${JSON.stringify(result)?.slice(0, 100)}, expected the error "${message}"`
}

/** First difference of an object's fields, each with the recorded value of that name. */
export function fieldDifference(actual: object, expected: object, path: string = ''): string | undefined {
  const [a, e] = [actual as Record<string, unknown>, expected as Record<string, unknown>]
  for (const field of Object.keys(a)) {
    const found = field in e ? difference(a[field], e[field], path + field) : `${path}${field} is not recorded`
    if (found !== undefined) return found
  }
  return undefined
}

/** Checks every case; `check` gives the first difference, or undefined. Anything thrown is a failure of the case. */
export function exactSet<Case>(
  set: string,
  cases: readonly Case[],
  name: (item: Case, index: number) => string,
  check: (item: Case) => string | undefined,
): SetResult {
  const failures: string[] = []
  for (const [index, item] of cases.entries()) {
    let found: string | undefined
    try {
      found = check(item)
    } catch (error) {
      found = `threw ${String(error)}`
    }
    if (found !== undefined) failures.push(`${name(item, index)}: ${found.slice(0, 300)}`)
  }
  const passed = cases.length - failures.length
  return { set, cases: cases.length, passed, worst: failures.length > 0 ? 1 : 0, tolerance: 0, failures }
}
