import type { Judge } from './judge.js'

const token = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu

/** Words of Latin script in lower case, Chinese characters one by one; each with how often it occurs. */
function bag(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text.toLowerCase().matchAll(token)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/** F1 of the words that two texts share; 1 where neither has any. Source: SQuAD (Rajpurkar et al., 2016). */
export function wordOverlap(a: string, b: string): number {
  const [left, right] = [bag(a), bag(b)]
  const size = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)
  const total = size(left) + size(right)
  if (total === 0) return 1
  let shared = 0
  for (const [word, count] of left) shared += Math.min(count, right.get(word) ?? 0)
  return (2 * shared) / total
}

/**
 * A rule in place of a judge: 1 + 9 x the overlap of an answer's words with the reference's, one decimal. Needs no network and
 * always says the same. It knows neither truth nor language: its figures compare with nothing but its own.
 */
export function wordOverlapJudge(): Judge {
  return {
    settings: { judge: 'word-overlap-rule', version: 1 },
    async review({ reference, answers }, { signal } = {}) {
      signal?.throwIfAborted()
      const scores = answers.map(answer => (1 + 9 * wordOverlap(answer, reference)).toFixed(1))
      return { text: `${scores.join(' ')}\nOverlap of words with the reference; no judgement of what they mean.` }
    },
  }
}
