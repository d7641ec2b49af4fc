import type { Stage, Verdict } from '@viscpm/core'
import type { Action } from '@viscpm/safety'

/** Options that say what is checked, and of the command that checks; `help.options` describes them. */
export type SafetyOption = 'safety' | 'promptChecker' | 'imageChecker' | 'audit' | 'checkAs' | 'checkJson'

export interface SafetyMessages {
  /** What stands at a stage, as the subject of a sentence. */
  readonly what: Readonly<Record<Stage | 'history' | 'text', string>>
  /** Categories of the word list. */
  readonly categories: Readonly<Record<string, string>>
  readonly decisions: Readonly<Record<Verdict['decision'], string>>
  listedWord(masked: string): string
  ofCategory(checker: string, category: string): string
  /** A checker, and its reason. */
  said(checker: string, reason: string): string
  blocked(what: string, verdict: string): string
  /** A checker did not allow it, the policy did. */
  letPass(what: string, verdict: string): string
  readonly hints: Readonly<Record<'text' | 'picture' | 'output' | 'unknown' | 'see', string>>
  /** One of the hints, and where to see more. */
  advice(hint: string): string
  policy(name: string, covered: string): string
  covered(what: string, checkers: string): string
  readonly separator: string
  readonly texts: string
  readonly pictures: string
  readonly noChecker: string
  readonly noPictureChecker: string
  /** The policy asks nobody at this stage. */
  readonly unchecked: string
  readonly off: string
  neverAsked(option: string, policy: string): string
  readonly neverAskedHint: string
}

export interface CheckMessages {
  readonly columns: Readonly<
    Record<'input' | 'action' | 'decision' | 'category' | 'score' | 'checker' | 'reason', string>
  >
  readonly actions: Readonly<Record<Action, string>>
  readonly unchecked: string
  readonly notChecked: Readonly<Record<'text' | 'picture', (count: number) => string>>
  readonly stdinTwice: string
  readonly stdinIsTerminal: string
  readonly emptyText: string
  readonly asText: string
}
