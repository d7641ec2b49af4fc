import type { Verdict } from '@viscpm/core'
import type { Messages } from '../messages/index.js'

/** A category as people call it; those of foreign checkers keep their names. */
export function categoryText(t: Messages, { category }: Verdict): string | undefined {
  return category === undefined ? undefined : (t.safety.categories[category] ?? category)
}

/** Why a checker said what it said; the word list in the language of the interface, others in their own words. */
export function reasonText(t: Messages, { checker, category, reason, decision }: Verdict): string {
  const word = checker === 'word-list' ? /^a word of the list '[^']*': (.+)$/.exec(reason ?? '')?.[1] : undefined
  if (word !== undefined && category !== undefined) return t.safety.listedWord(word)
  return reason ?? t.safety.decisions[decision]
}

/** Who said it, of what kind it is, and why: `word-list (sexual): a listed word, p***`. */
export function verdictText(t: Messages, verdict: Verdict): string {
  const category = categoryText(t, verdict)
  return t.safety.said(
    category ? t.safety.ofCategory(verdict.checker, category) : verdict.checker,
    reasonText(t, verdict),
  )
}

/** Score and threshold, as far as there are any: `0.812 / 0.750`. */
export function scoreText({ score, threshold }: Verdict): string {
  if (score === undefined) return ''
  return threshold === undefined ? score.toFixed(3) : `${score.toFixed(3)} / ${threshold.toFixed(3)}`
}
