import type { JudgedPair, Language, PairSet } from '@viscpm/eval'
import type { Safety } from '@viscpm/safety'

/** Asks the checkers of texts about both sides of every pair. @throws the signal's reason */
export async function judgePairs(
  safety: Safety,
  { prompts, questions, texts }: PairSet,
  signal: AbortSignal,
): Promise<JudgedPair[]> {
  const judged: JudgedPair[] = []
  for (const pair of [...prompts, ...questions, ...texts]) {
    const flagged = async (language: Language): Promise<boolean> => {
      const { verdict } = await safety.checkText('prompt', pair[language], { signal })
      return verdict !== 'none' && verdict.decision !== 'allow'
    }
    judged.push({ id: pair.id, en: await flagged('en'), zh: await flagged('zh') })
  }
  return judged
}
