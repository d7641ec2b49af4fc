import { TokenizerError } from '@viscpm/core'
import { entriesOf, maxNesting, type PackValue, tooDeep } from './input.js'

/** An input whose answers are numbered, and where each of them lies. */
export interface NumberedInput {
  /** The input with `<ans_1>`, `<ans_2>`, ... in its answer slots. */
  readonly data: PackValue
  /** Keys below `<ans>` of every slot, in order. */
  readonly placeholders: readonly (readonly string[])[]
}

/** The value of the top-level `<ans>`. @throws TokenizerError there is none */
export function answerSlots(data: PackValue): PackValue {
  const answer = typeof data === 'string' ? undefined : entriesOf(data, 'data')?.find(([key]) => key === '<ans>')
  if (!answer) {
    throw new TokenizerError({
      message: `the input has no key '<ans>'`,
      hint: `add ['<ans>', ''] where the answer goes`,
    })
  }
  return answer[1] as PackValue
}

/**
 * Rebuilds a value with every text replaced. The order of keys is kept.
 * @throws InvalidArgumentError keys out of order or repeated
 * @throws TokenizerError nested beyond reason
 */
export function mapLeaves<T>(value: PackValue, leaf: (path: readonly string[]) => T): T | LeafMap<T> {
  const visit = (node: PackValue, path: readonly string[]): T | LeafMap<T> => {
    const entries = entriesOf(node, ['<ans>', ...path].join('.'))
    if (!entries) return leaf(path)
    if (path.length >= maxNesting) throw tooDeep()
    return new Map(entries.map(([key, child]) => [key, visit(child as PackValue, [...path, key])]))
  }
  return visit(value, [])
}

/** Nested values by key, in order. */
export interface LeafMap<T> extends ReadonlyMap<string, T | LeafMap<T>> {}

/** Puts `<ans_1>`, `<ans_2>`, ... into the answer slots, in reading order. @throws TokenizerError no `<ans>` */
export function numberAnswers(data: PackValue): NumberedInput {
  const placeholders: (readonly string[])[] = []
  const numbered = mapLeaves<string>(answerSlots(data), path => `<ans_${placeholders.push(path)}>`)
  const entries = entriesOf(data, 'data')!.map(([key, value]) => [key, key === '<ans>' ? numbered : value] as const)
  return { data: new Map(entries) as ReadonlyMap<string, PackValue>, placeholders }
}
