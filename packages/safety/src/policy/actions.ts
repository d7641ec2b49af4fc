import type { Stage, Verdict } from '@viscpm/core'

/**
 * What becomes of something that a checker did not allow.
 * 'allow': nothing. 'tag': it goes on, and the result says so. 'blur', 'blacken': it goes on without its content.
 * 'block': it goes no further.
 */
export type Action = 'allow' | 'tag' | 'blur' | 'blacken' | 'block'

/** From harmless to strict. */
export const actions: readonly Action[] = ['allow', 'tag', 'blur', 'blacken', 'block']

/** All stages, in the order in which a chat and then a painting pass them. */
export const stages: readonly Stage[] = [
  'chat-picture',
  'chat-text',
  'chat-answer',
  'prompt',
  'negative-prompt',
  'source-picture',
  'painted-picture',
]

const pictureStages: readonly Stage[] = ['chat-picture', 'source-picture', 'painted-picture']

/** Whether a stage is one of pictures; the others are of texts. */
export const isPictureStage = (stage: Stage): boolean => pictureStages.includes(stage)

/**
 * What can be done at a stage. Texts cannot be blurred; of pictures only painted ones are: a given one that was changed
 * would be answered, or painted over, as if it were the user's.
 */
export function actionsOf(stage: Stage): readonly Action[] {
  return stage === 'painted-picture' ? actions : ['allow', 'tag', 'block']
}

const severity = { allow: 0, unknown: 1, block: 2 } as const

/** The worst of several verdicts: 'block', then 'unknown', then 'allow'; of equal ones the first. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | 'none' {
  let worst: Verdict | undefined
  for (const verdict of verdicts) if (!worst || severity[verdict.decision] > severity[worst.decision]) worst = verdict
  return worst ?? 'none'
}
