import { BlockedError } from '@viscpm/core'
import type { Decision } from '@viscpm/safety'

/** A safety checker blocked something that a question brought along: the model saw nothing of it. */
export class BlockedInputError extends BlockedError {
  readonly what: 'question' | 'history' | 'picture'
  /** Where, by whom and why. */
  readonly decision: Decision

  constructor(what: BlockedInputError['what'], decision: Decision) {
    const { verdict, verdicts } = decision
    const why = verdict === 'none' ? 'none' : (verdict.reason ?? verdict.category ?? verdict.decision)
    const who = verdict === 'none' ? 'none' : verdict.checker
    super({ message: `the ${what} was blocked by ${who}: ${why}`, verdicts })
    this.what = what
    this.decision = decision
  }
}
