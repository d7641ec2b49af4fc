import { commonStart, mean, sequenceSimilarity } from '@viscpm/core/report'
import type { AnswersCard } from './card.js'
import type { Prompts } from './prompts.js'
import type { Speaker } from './speaker.js'

/** Compares the greedy answers of two models to the same prompts, as ids of every group. */
export function compareAnswers(
  speaker: Speaker,
  groups: readonly Prompts[],
  source: readonly (readonly (readonly number[])[])[],
  converted: readonly (readonly (readonly number[])[])[],
): AnswersCard {
  const pairs = groups.flatMap((group, g) =>
    group.questions.map((question, i) => {
      const ids = [source[g]![i]!, converted[g]![i]!] as const
      const [a, b] = ids.map(one => speaker.text(one, group, i)) as [string, string]
      return { question, ids, source: a, converted: b, expected: group.expected[i] }
    }),
  )
  const different = pairs.filter(({ ids: [a, b] }) => sequenceSimilarity(a, b) < 1)
  return {
    asked: pairs.length,
    same: pairs.length - different.length,
    similarity: mean(pairs.map(({ ids: [a, b] }) => sequenceSimilarity(a, b))),
    commonStart: mean(pairs.map(({ ids: [a, b] }) => (a.length === 0 ? 1 : commonStart(a, b) / a.length))),
    expected: {
      source: pairs.filter(({ source, expected }) => source === expected).length,
      converted: pairs.filter(({ converted, expected }) => converted === expected).length,
    },
    different: different.map(({ question, source, converted }) => ({ question, source, converted })),
  }
}
