import type { Verdict } from '@viscpm/core'
import type { PaintResult } from '@viscpm/paint'
import type { Messages } from '../../messages/index.js'
import { flaggedLines } from '../../safety/flagged.js'
import { verdictText } from '../../safety/verdict-text.js'
import { oneLine } from '../../terminal/printable.js'
import type { WrittenFiles } from './write.js'

/** What the checkers did not allow, how it was dealt with, and why. */
export function safetyLines(t: Messages, { candidates, safety }: Pick<PaintResult, 'candidates' | 'safety'>): string[] {
  const withheld = candidates.filter(candidate => candidate.withheld)
  const replaced = candidates.flatMap(candidate => candidate.replaced)
  const tagged = candidates.filter(({ action, withheld }) => action !== 'allow' && !withheld)
  return [
    ...flaggedLines(t, safety.flagged),
    ...(replaced.length > 0 ? [t.paint.replaced(replaced.length)] : []),
    ...reasons(t, replaced),
    ...(withheld.length > 0 ? [t.paint.withheld(withheld.length, candidates.length)] : []),
    ...reasons(t, withheld),
    ...(tagged.length > 0 ? [t.paint.tagged(tagged.length, candidates.length)] : []),
    ...reasons(t, tagged),
  ]
}

/** Each reason once, with how often it was given. */
function reasons(t: Messages, judged: readonly { readonly verdict: Verdict | 'none' }[]): string[] {
  const counts = new Map<string, number>()
  for (const { verdict } of judged) {
    if (verdict === 'none') continue
    const text = oneLine(verdictText(t, verdict))
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]) => `  ${count} x ${text}`)
}

/** Why pictures were not written: none of their candidates was allowed, or the policy let a withheld one be chosen. */
export function missingText(
  t: Messages,
  { candidates }: Pick<PaintResult, 'candidates'>,
  written: WrittenFiles,
): string {
  const missing = written.pictures.filter(({ file }) => file === undefined)
  const groups = missing.map(({ candidate }) => candidates[candidate]!.picture)
  const nothing = candidates.every(({ picture, withheld }) => withheld || !groups.includes(picture))
  return (nothing ? t.paint.noneAllowed : t.paint.chosenWithheld)(missing.length, written.pictures.length)
}
