import { BlockedError, type Stage, type Verdict, type VisCPMError } from '@viscpm/core'
import type { Decision } from '@viscpm/safety'
import type { Messages } from '../messages/index.js'
import { verdictText } from './verdict-text.js'

/** What was blocked; finer than the stages, where one has several things. */
export type BlockedWhat = Stage | 'history' | 'text'

/** A checker did not let something pass. The message is for programs; people are told by `blockedText`. */
export class InputBlocked extends BlockedError {
  constructor(
    readonly what: BlockedWhat,
    readonly decision: Decision,
  ) {
    super({ message: `${what} was blocked`, verdicts: decision.verdicts })
  }
}

/** What a BlockedError says besides its message, of the command's own and of the chat's. */
interface Told {
  readonly decision?: Decision
  readonly what?: string
}

export interface BlockedText {
  readonly message?: string
  readonly hint: string
}

/** What was blocked, by whom, why, and what to do; no message where the error does not say what was decided. */
export function blockedText(error: VisCPMError, t: Messages): BlockedText {
  const { decision, what } = error as Told
  if (!decision) return { hint: error.hint ?? t.safety.hints.see }
  const { verdict, stage } = decision
  const named = what === 'history' || what === 'text' ? what : stage
  const subject = t.safety.what[named]
  const message = verdict === 'none' ? subject : t.safety.blocked(subject, verdictText(t, verdict))
  return { message, hint: hintFor(verdict, stage, t) }
}

function hintFor(verdict: Verdict | 'none', stage: Stage, t: Messages): string {
  const { hints } = t.safety
  const first =
    verdict !== 'none' && verdict.decision === 'unknown'
      ? hints.unknown
      : stage === 'chat-answer' || stage === 'painted-picture'
        ? hints.output
        : stage.endsWith('-picture')
          ? hints.picture
          : hints.text
  return t.safety.advice(first)
}

/** What programs are told of a blocked thing. */
export interface BlockedFields {
  readonly stage?: Stage
  readonly what?: string
  readonly action?: Decision['action']
  readonly verdicts: readonly unknown[]
}

export function blockedFields(error: VisCPMError): BlockedFields {
  const { decision, what } = error as Told
  const { verdicts = [] } = error as BlockedError
  return {
    ...(decision && { stage: decision.stage, action: decision.action }),
    ...(decision && what !== undefined && what !== decision.stage && { what }),
    verdicts,
  }
}
