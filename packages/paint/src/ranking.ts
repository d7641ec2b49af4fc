import { type Image, languageOf, type TaskOptions } from '@viscpm/core'
import { type Reranker, rank } from '@viscpm/reranker'
import type { Action } from '@viscpm/safety'
import type { RankingReport } from './types.js'

/** Who ranks, and whether it can read the prompt. */
export function rankingReport(reranker: Reranker | undefined, prompt: string): RankingReport {
  if (!reranker) return { by: 'none', languages: [] }
  const { name: by, languages } = reranker
  const language = languageOf(prompt)
  if (prompt.trim() === '' || languages.includes(language)) return { by, languages }
  const names = { zh: 'Chinese', en: 'English' }
  const note = `${by} reads ${languages.map(l => names[l]).join(' and ')} only, the prompt is ${names[language]}: its choice means little`
  return { by, languages, note }
}

export interface Choice {
  /** Index of the chosen candidate. */
  readonly index: number
  /** One per candidate; undefined where it was not scored. */
  readonly scores: readonly (number | undefined)[]
}

/**
 * Which candidates take part: those that were allowed; where there are none those that are tagged, or else blurred. What is
 * black takes part only where the policy ranks flagged pictures too, and what was blocked never.
 */
function takingPart(actions: readonly Action[], ranksFlagged: boolean): number[] {
  const indices = (wanted: readonly Action[]) => actions.flatMap((action, i) => (wanted.includes(action) ? [i] : []))
  if (ranksFlagged) return indices(['allow', 'tag', 'blur', 'blacken'])
  for (const action of ['allow', 'tag', 'blur'] as const) if (actions.includes(action)) return indices([action])
  return []
}

/** Chooses one of a picture's candidates: the best of those that take part. Where none does, the first stands in for all. */
export async function choose(
  reranker: Reranker | undefined,
  prompt: string,
  candidates: readonly { readonly image: Image; readonly action: Action }[],
  task: TaskOptions,
  ranksFlagged = false,
): Promise<Choice> {
  const open = takingPart(
    candidates.map(({ action }) => action),
    ranksFlagged,
  )
  const scores = new Array<number | undefined>(candidates.length).fill(undefined)
  if (!reranker || open.length === 0) return { index: open[0] ?? 0, scores }
  const images = open.map(i => candidates[i]!.image)
  // A prompt that the encoder took shall not fail here, after all the painting.
  const found = await reranker.score(prompt, images, { ...task, truncate: true })
  open.forEach((candidate, i) => {
    scores[candidate] = found[i]!
  })
  return { index: open[rank(found).index]!, scores }
}
