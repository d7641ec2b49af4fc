import type { TaskOptions } from '@viscpm/core'
import type { Language } from '../pairs.js'
import type { Fact, Lexicon } from './lexicon.js'

export interface Said {
  readonly text: string
  readonly language: Language
}

/** Whether two texts say the same: 1 the same, 0 nothing alike, between them in part; undefined where it cannot be told. */
export type SameMeaning = (a: Said, b: Said, task?: TaskOptions) => number | undefined | Promise<number | undefined>

/** Compares facts: shared ones among all (Jaccard index). Undefined where either text says nothing that the lexicon knows. */
export function meaningByFacts(lexicon: Lexicon): SameMeaning {
  return (a, b) => sharedFacts(lexicon.facts(a.text, a.language), lexicon.facts(b.text, b.language))
}

/** Jaccard index of two lists of facts; facts are the same where they share a name. Undefined when either is empty. */
export function sharedFacts(a: readonly Fact[], b: readonly Fact[]): number | undefined {
  if (a.length === 0 || b.length === 0) return undefined
  const left = [...b]
  let shared = 0
  for (const fact of a) {
    const at = left.findIndex(other => other.some(name => fact.includes(name)))
    if (at < 0) continue
    left.splice(at, 1)
    shared++
  }
  return shared / (a.length + b.length - shared)
}

/** Whether all of the expected facts are among those of a text. */
export const statesAll = (facts: readonly Fact[], expected: readonly string[]): boolean =>
  expected.every(name => facts.some(fact => fact.includes(name)))
