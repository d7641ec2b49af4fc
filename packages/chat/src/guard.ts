import {
  BlockedError,
  type Image,
  type ImageChecker,
  type PromptChecker,
  type TaskOptions,
  type Verdict,
  verdictOf,
} from '@viscpm/core'
import type { SafetyReport } from './types.js'

export interface Checkers {
  /** Looks at every picture before the model does. */
  readonly imageChecker?: ImageChecker
  /** Looks at every question before the model does. */
  readonly promptChecker?: PromptChecker
}

/**
 * Runs the checkers. Anything but 'allow' blocks, a checker that throws included: nothing unchecked reaches the model.
 * @throws BlockedError with the verdicts
 */
export async function checkInput(
  checkers: Checkers,
  image: Image,
  question: string,
  { signal }: TaskOptions,
): Promise<SafetyReport> {
  const options = signal ? { signal } : {}
  const { imageChecker, promptChecker } = checkers
  const ofQuestion = promptChecker
    ? await verdictOf(promptChecker.name, () => promptChecker.check(question, options), signal)
    : 'none'
  refuse('question', ofQuestion)
  const ofImage = imageChecker
    ? await verdictOf(imageChecker.name, () => imageChecker.check(image, options), signal)
    : 'none'
  refuse('picture', ofImage)
  return { image: ofImage, question: ofQuestion }
}

function refuse(what: string, verdict: Verdict | 'none'): void {
  if (verdict === 'none' || verdict.decision === 'allow') return
  const why = verdict.reason ?? verdict.category ?? verdict.decision
  throw new BlockedError({ message: `the ${what} was blocked by ${verdict.checker}: ${why}`, verdicts: [verdict] })
}
