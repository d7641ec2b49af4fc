import type { PromptChecker } from '@viscpm/core'
import type { LatencyResult } from './report.js'
import type { Language } from './sample.js'
import { percentile } from './statistics.js'

export const lengths: readonly number[] = [10, 100, 1_000, 10_000]
const mostRuns = 200
const fewestRuns = 5
/** Time for one length, so that a large model's turn ends. */
export const defaultBudgetMs = 5_000

/** A text of so many UTF-16 units out of these sentences, beginning with another one each time. */
export function textOfLength(sentences: readonly string[], characters: number, from: number): string {
  let text = ''
  for (let i = from; text.length < characters; i++) text += `${sentences[i % sentences.length]} `
  return text.slice(0, characters)
}

/** Time of one check of harmless texts of one length, after a few that do not count. */
export async function measureLatency(
  checker: PromptChecker,
  language: Language,
  sentences: readonly string[],
  characters: number,
  { budgetMs = defaultBudgetMs, signal }: { readonly budgetMs?: number; readonly signal?: AbortSignal } = {},
): Promise<LatencyResult> {
  const times: number[] = []
  const begun = performance.now()
  for (let i = -3; i < mostRuns && (i < fewestRuns || performance.now() - begun < budgetMs); i++) {
    await new Promise(done => setImmediate(done))
    signal?.throwIfAborted()
    const text = textOfLength(sentences, characters, i + 3)
    const start = performance.now()
    await checker.check(text, signal && { signal })
    if (i >= 0) times.push(performance.now() - start)
  }
  const [median, p95] = [percentile(times, 0.5), percentile(times, 0.95)]
  return { checker: checker.name, language, characters, runs: times.length, median, p95 }
}
