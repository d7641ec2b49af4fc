import type { BlockedInputError, ChatAnswer } from '@viscpm/chat'
import type { Verdict } from '@viscpm/core'
import type { Candidate, PaintResult } from '@viscpm/paint'
import type { Decision } from '@viscpm/safety'
import type { SafetyNote } from '../types.js'

function note(stage: SafetyNote['stage'], verdict: Verdict | 'none'): SafetyNote[] {
  if (verdict === 'none') return []
  const { decision, checker, category, reason } = verdict
  return [
    { stage, decision, checker, ...(category !== undefined && { category }), ...(reason !== undefined && { reason }) },
  ]
}

const stages: Readonly<Record<Decision['stage'], SafetyNote['stage']>> = {
  'chat-picture': 'picture',
  'chat-text': 'text',
  'chat-answer': 'answer',
  prompt: 'prompt',
  'negative-prompt': 'prompt',
  'source-picture': 'picture',
  'painted-picture': 'painted',
}

/** What was said of a question, its picture and its answer; earlier turns only where they were flagged. */
export function chatNotes({ image, question, answer, flagged }: ChatAnswer['safety']): SafetyNote[] {
  const known = [image, question, answer]
  const others = flagged.filter(({ verdict }) => !known.includes(verdict))
  return [
    ...note('picture', image),
    ...note('text', question),
    ...note('answer', answer),
    ...others.flatMap(({ stage, verdict }) => note(stages[stage], verdict)),
  ]
}

/** What stopped a question before any model saw it. */
export function blockedNotes({ decision: { stage, verdict } }: BlockedInputError): SafetyNote[] {
  return note(stages[stage], verdict)
}

/** What was said of the texts and the picture that were given. */
export function requestNotes({ prompt, negativePrompt, image }: PaintResult['safety']): SafetyNote[] {
  return [...note('prompt', prompt), ...note('prompt', negativePrompt), ...note('picture', image)]
}

export function candidateNotes({ verdicts }: Candidate): SafetyNote[] {
  return verdicts.flatMap(verdict => note('painted', verdict))
}
