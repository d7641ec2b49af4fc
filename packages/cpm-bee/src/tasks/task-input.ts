import { InvalidArgumentError } from '@viscpm/core'
import { escapeText, type PackValue } from '@viscpm/tokenizer'
import { isMarkedText, type MarkedText } from './marked-text.js'

/** A text of a task. A string is ordinary text whatever it contains; markers come in through `text`. */
export type TaskText = string | MarkedText

/** A text, or named values whose order is part of the input. */
export type TaskValue = TaskText | TaskInput

/**
 * Named values: a plain object, or a Map or [key, value] pairs where keys look like whole numbers (JavaScript moves
 * those to the front of an object). The answers to be written stand as '' under the key `<ans>`.
 */
export type TaskInput =
  | { readonly [key: string]: TaskValue }
  | ReadonlyMap<string, TaskValue>
  | readonly (readonly [key: string, value: TaskValue])[]

/**
 * How strings are read. 'text': as what they say, nothing in them is a marker; the keys `<ans>`, `<mask>`,
 * `<mask_k>` and `<option_k>` are. 'raw': CPM-Bee's own syntax, in keys and values, and in the answers that come back.
 */
export type TaskSyntax = 'text' | 'raw'

/** Answers in the shape of the input's `<ans>`; null where the length ran out before an answer began. */
export type TaskAnswer = string | null | ReadonlyMap<string, TaskAnswer> | { readonly [key: string]: TaskAnswer }

const markerKey = /^<(ans|mask|(mask|option)_\d+)>$/
const integerLike = /^(0|[1-9]\d*)$/
const maxNesting = 100

/** Entries of a node in order. @throws InvalidArgumentError where `value` is no node */
function entriesOf(value: unknown, path: string): (readonly [string, unknown])[] {
  const fail = (message: string): InvalidArgumentError => new InvalidArgumentError({ argument: path, message })
  if (value instanceof Map) return [...value]
  if (Array.isArray(value)) {
    if (value.every(entry => Array.isArray(entry) && entry.length === 2)) return value
    throw fail('a list must hold [key, value] pairs')
  }
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null)
    throw fail(`must be text or named values, not ${value === null ? 'null' : typeof value}`)
  const entries = Object.entries(value as object)
  const moved = entries.find(([key]) => integerLike.test(key))
  if (moved) throw fail(`JavaScript moves the key "${moved[0]}" to the front; give a Map or [key, value] pairs`)
  return entries
}

/**
 * The input in CPM-Bee's syntax: the one place where a task's texts are escaped.
 * @param solved its answers are given (an example) and not to be written
 * @throws InvalidArgumentError naming the key whose value is no text, or an answer that is already there
 */
export function toPackValue(
  input: TaskInput,
  syntax: TaskSyntax,
  solved: boolean = false,
): ReadonlyMap<string, PackValue> {
  const read = (value: unknown, path: string, depth: number, answers: boolean): PackValue => {
    const fail = (message: string): InvalidArgumentError => new InvalidArgumentError({ argument: path, message })
    if (answers && value !== '' && (typeof value === 'string' || isMarkedText(value)))
      throw fail("is to be written by the model: give ''")
    if (typeof value === 'string') return syntax === 'raw' ? value : escapeText(value)
    if (isMarkedText(value)) return value.raw
    if (depth > maxNesting) throw fail(`nested deeper than ${maxNesting} levels`)
    const node = new Map<string, PackValue>()
    for (const [key, child] of entriesOf(value, path)) {
      if (typeof key !== 'string') throw fail(`a key must be text, not ${typeof key}`)
      const written = syntax === 'raw' || markerKey.test(key) ? key : escapeText(key)
      if (node.has(written)) throw fail(`the key "${key}" is given twice`)
      node.set(
        written,
        read(child, `${path}.${key}`, depth + 1, answers || (!solved && depth === 1 && key === '<ans>')),
      )
    }
    return node
  }
  const packed = read(input, 'input', 1, false)
  if (!(packed instanceof Map)) throw new InvalidArgumentError({ argument: 'input', message: 'must be named values' })
  if (!packed.has('<ans>'))
    throw new InvalidArgumentError({ argument: 'input', message: "has no key '<ans>'; add '<ans>': '' for the answer" })
  return packed
}

/** The keys under `<ans>` of every answer, in reading order; [] for a single one. */
export function answerPaths(input: TaskInput): string[][] {
  const paths: string[][] = []
  fillAnswer(input, (_, path) => {
    paths.push(path)
    return null
  })
  return paths
}

/** The input's `<ans>` in its own shape, with the text of each answer number (from 0) in its place. */
export function fillAnswer(input: TaskInput, textOf: (answer: number, path: string[]) => string | null): TaskAnswer {
  let answer = 0
  const visit = (value: unknown, path: string[]): TaskAnswer => {
    if (typeof value === 'string') return textOf(answer++, path)
    const entries = entriesOf(value, '<ans>').map(([key, child]) => [key, visit(child, [...path, key])] as const)
    return value instanceof Map || Array.isArray(value) ? new Map(entries) : Object.fromEntries(entries)
  }
  return visit(entriesOf(input, 'input').find(([key]) => key === '<ans>')![1], [])
}

/** The input with its `<ans>` replaced, in the container that it came in. */
export function withAnswer(input: TaskInput, answer: TaskAnswer): TaskOutput {
  const entries = entriesOf(input, 'input').map(
    ([key, value]) => [key, key === '<ans>' ? answer : (value as TaskValue)] as const,
  )
  return input instanceof Map || Array.isArray(input) ? new Map(entries) : Object.fromEntries(entries)
}

/** A task's input with its answers filled in: an object for an object, otherwise a Map. */
export type TaskOutput =
  | { readonly [key: string]: TaskValue | TaskAnswer }
  | ReadonlyMap<string, TaskValue | TaskAnswer>
