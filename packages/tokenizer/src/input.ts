import { InvalidArgumentError, TokenizerError } from '@viscpm/core'

/** Text in CPM-Bee's syntax, or named values. Typed text goes through `escapeText` first. */
export type PackValue = string | PackEntries

/**
 * Named values in an order that is part of the input: a Map or [key, value] pairs. A plain object will do where no
 * key is integer-like (JavaScript would move such keys to the front).
 */
export type PackEntries = ReadonlyMap<string, PackValue> | readonly PackEntry[] | { readonly [key: string]: PackValue }
export type PackEntry = readonly [key: string, value: PackValue]

// Both far above any real input; they keep a cyclic or hostile one from exhausting the stack or the memory.
export const maxNesting: number = 500
const maxSegments = 4096

/** A key or a text of the input, in reading order; segment 0 is the root. */
export interface Segment {
  readonly text: string
  readonly depth: number
  /** Index of the segment above; -1 for the root. */
  readonly parent: number
  /** A text under the top-level `<ans>`. */
  readonly predicted: boolean
  /** A text under the top-level `image`. */
  readonly image: boolean
}

export function tooDeep(): TokenizerError {
  return new TokenizerError({ message: `the input is nested deeper than ${maxNesting} levels, or refers to itself` })
}

const integerLike = /^(0|[1-9]\d*)$/

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The entries of a node in order, or undefined where `value` is none. @throws InvalidArgumentError bad keys */
export function entriesOf(value: unknown, path: string): [key: string, value: unknown][] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fail = (message: string) => new InvalidArgumentError({ argument: path, message })
  let entries: [unknown, unknown][]
  if (value instanceof Map) entries = [...value]
  else if (Array.isArray(value)) {
    if (!value.every(entry => Array.isArray(entry) && entry.length === 2)) return undefined
    entries = value as [unknown, unknown][]
  } else if (isPlainObject(value)) {
    entries = Object.entries(value)
    const moved = entries.find(([key]) => integerLike.test(key as string))
    if (moved) {
      throw fail(`JavaScript moves the key ${JSON.stringify(moved[0])} to the front; give a Map or [key, value] pairs`)
    }
  } else return undefined
  const seen = new Set<string>()
  for (const [key] of entries) {
    if (typeof key !== 'string') throw fail(`a key has to be a string, not ${typeof key}`)
    if (seen.has(key)) throw fail(`the key ${JSON.stringify(key)} is given twice`)
    seen.add(key)
  }
  return entries as [string, unknown][]
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value.constructor?.name ?? 'object'
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return typeof value
  try {
    return (JSON.stringify(value) ?? 'undefined').slice(0, 200)
  } catch {
    return typeof value
  }
}

/**
 * Reads an input into its segments: the root, then every key and every text, depth first. Keys are always context.
 * Source: convert_data_to_id, `_build_dict_tree`.
 *
 * @throws TokenizerError a leaf that is not a string, or an input nested or large beyond reason
 * @throws InvalidArgumentError keys that are repeated, not strings, or out of order
 */
export function readSegments(data: PackValue): Segment[] {
  const segments: Segment[] = [{ text: '<root>', depth: 0, parent: -1, predicted: false, image: false }]

  const add = (segment: Segment): number => {
    if (segments.length >= maxSegments) {
      throw new TokenizerError({ message: `the input has more than ${maxSegments} keys and texts` })
    }
    return segments.push(segment) - 1
  }
  const visit = (value: unknown, path: string, parent: number, depth: number, predicted: boolean, image: boolean) => {
    if (depth > maxNesting) throw tooDeep()
    if (typeof value === 'string') {
      add({ text: value, depth, parent, predicted, image })
      return
    }
    const entries = entriesOf(value, path)
    if (!entries) {
      throw new TokenizerError({
        message: `Invalid data ${show(value)} (${path})`,
        hint: 'every value is a string, a Map, [key, value] pairs or a plain object',
      })
    }
    for (const [key, child] of entries) {
      const node = add({ text: key, depth, parent, predicted: false, image: false })
      const top = depth === 1
      visit(
        child,
        `${path}.${key}`,
        node,
        depth + 1,
        predicted || (top && key === '<ans>'),
        image || (top && key === 'image'),
      )
    }
  }
  visit(data, 'data', 0, 1, false, false)
  return segments
}
