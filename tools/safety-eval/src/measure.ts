import type { PromptChecker, Verdict } from '@viscpm/core'
import type { DisguisedTexts } from './evasion/disguise.js'
import type { EvasionResult, GroupResult } from './report.js'
import type { TextGroup } from './sample.js'
import { wilson } from './statistics.js'

/** Turns of the event loop, so that Ctrl-C is heard while a checker answers at once. */
const pause = (): Promise<void> => new Promise(done => setImmediate(done))
const textsBetweenPauses = 100

/** What a checker says of each text. @throws the signal's reason when aborted, and what the checker throws */
export async function verdictsOf(
  checker: PromptChecker,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const text of texts) {
    if (verdicts.length % textsBetweenPauses === 0) await pause()
    signal?.throwIfAborted()
    verdicts.push(await checker.check(text, signal && { signal }))
  }
  return verdicts
}

/** How often the checker is wrong about a group of texts. */
export async function measureGroup(
  checker: PromptChecker,
  { name, language, harmful, texts }: TextGroup,
  signal?: AbortSignal,
): Promise<GroupResult> {
  const verdicts = await verdictsOf(checker, texts, signal)
  const wrongTexts = texts.filter((_, i) => verdicts[i]!.decision === (harmful ? 'allow' : 'block'))
  const unknown = verdicts.filter(({ decision }) => decision === 'unknown').length
  const count = texts.length
  const wrong = wrongTexts.length
  return {
    checker: checker.name,
    group: name,
    language,
    harmful,
    count,
    wrong,
    unknown,
    ...wilson(wrong, count),
    wrongTexts,
  }
}

/** How many of the disguised words the checker finds. */
export async function measureEvasion(
  checker: PromptChecker,
  { language, kind, texts }: DisguisedTexts,
  signal?: AbortSignal,
): Promise<EvasionResult> {
  const verdicts = await verdictsOf(checker, texts, signal)
  const missedTexts = texts.filter((_, i) => verdicts[i]!.decision !== 'block')
  const count = texts.length
  const found = count - missedTexts.length
  return { checker: checker.name, language, kind, count, found, ...wilson(found, count), missedTexts }
}
