import type { Verdict } from '@viscpm/core'
import {
  MarkedText,
  type TaskAnswer,
  type TaskInput,
  type TaskPart,
  type TaskResult,
  type TaskValue,
} from '@viscpm/cpm-bee'
import {
  type Decision,
  isFlagged,
  type Safety,
  type SafetyState,
  stateOf,
  type Windowed,
  windowed,
} from '@viscpm/safety'
import { withoutSpecialTokens } from '@viscpm/tokenizer'
import { InputBlocked } from '../../safety/blocked.js'

type Signal = AbortSignal

/** What was checked, and what was said; as a chat's answer has it. */
export interface AskSafety extends SafetyState {
  readonly question: Verdict | 'none'
  readonly answer: Verdict | 'none'
  readonly flagged: readonly Decision[]
}

export interface GuardedResult {
  readonly result: TaskResult
  readonly safety: AskSafety
}

/** Text to be shown as it comes; `alone` where it is of a single answer. */
export interface GuardedText {
  readonly text: string
  readonly alone: boolean
}

/** What stands between a text task and the model: its texts pass as questions do, its answers as a chat's. */
export class AskGuard {
  private readonly flagged: Decision[] = []
  private question: Decision | undefined
  private answer: Decision | undefined

  constructor(private readonly safety: Safety) {}

  /** Checks every text and key of a task. @throws InputBlocked */
  async input(input: TaskInput, signal: Signal): Promise<void> {
    for (const text of new Set(textsOf(input)))
      for (const form of formsOf(text)) {
        const decision = await this.safety.checkText('chat-text', form, { signal })
        this.note(decision)
        if (!this.question || isFlagged(decision)) this.question = decision
        if (decision.action === 'block') throw new InputBlocked('text', decision)
      }
  }

  /**
   * Passes what is written on as it is checked.
   * @throws InputBlocked where an answer is blocked: nothing of the window that blocked it was passed on
   */
  async *output(
    parts: AsyncGenerator<TaskPart, TaskResult>,
    signal: Signal,
  ): AsyncGenerator<GuardedText, GuardedResult> {
    let path: string | undefined
    let alone = true
    let seen = ''
    const texts = async function* (): AsyncGenerator<string, TaskResult> {
      for (;;) {
        const next = await parts.next()
        if (next.done) return next.value
        const { text } = next.value
        const at = next.value.path.join('\n')
        if (next.value.path.length > 0) alone = false
        // Several answers follow one another: a word does not go on in the next one.
        const piece = path === undefined || at === path ? text : `\n${text}`
        path = at
        if (text === '') continue
        seen += piece
        yield piece
      }
    }
    const check = (text: string) => this.safety.checkText('chat-answer', text, { signal })
    const covered = this.safety.covers('chat-answer')
    try {
      const checked = covered ? windowed(texts(), check) : unchecked(texts())
      for (;;) {
        const next = await checked.next()
        if (!next.done) {
          yield { text: next.value, alone }
          continue
        }
        const { blocked, decision, value } = next.value
        if (decision) this.said(decision)
        if (blocked) throw new InputBlocked('chat-answer', decision!)
        if (covered) await this.whole(value!.answer, seen, check)
        return { result: value!, safety: this.report() }
      }
    } finally {
      await parts.return(undefined as never) // ends it where it was stopped or left early; else it has ended
    }
  }

  /** Answers that were not seen while they grew, as those of several at once. */
  private async whole(answer: TaskAnswer, seen: string, check: (text: string) => Promise<Decision>): Promise<void> {
    for (const text of answersOf(answer)) {
      if (text === '' || text === seen) continue
      const decision = await check(text)
      this.said(decision)
      if (decision.action === 'block') throw new InputBlocked('chat-answer', decision)
    }
  }

  private said(decision: Decision): void {
    this.note(decision)
    if (!this.answer || isFlagged(decision) || !isFlagged(this.answer)) this.answer = decision
  }

  private note(decision: Decision): void {
    if (isFlagged(decision)) this.flagged.push(decision)
  }

  private report(): AskSafety {
    return {
      ...stateOf(this.safety),
      question: this.question?.verdict ?? 'none',
      answer: this.answer?.verdict ?? 'none',
      flagged: this.flagged,
    }
  }
}

/** With nobody to ask, nothing is held back. */
async function* unchecked<R>(texts: AsyncGenerator<string, R>): AsyncGenerator<string, Windowed<R>> {
  return { blocked: false, value: yield* texts }
}

/** Every text of a task that the model reads, the keys too. */
function textsOf(input: TaskInput): string[] {
  const entries: Iterable<readonly [string, TaskValue]> =
    input instanceof Map ? input : Array.isArray(input) ? input : Object.entries(input)
  return [...entries].flatMap(([key, value]) => {
    if (typeof value === 'string') return [key, value]
    return [key, ...(value instanceof MarkedText ? [value.raw] : textsOf(value))]
  })
}

/** As it is written, and as CPM-Bee's own syntax is read: without control tokens, `<<` as `<`. */
function formsOf(text: string): string[] {
  const read = withoutSpecialTokens(text)
  return [text, read].filter((form, i, all) => form !== '' && all.indexOf(form) === i)
}

function answersOf(answer: TaskAnswer): string[] {
  if (answer === null) return []
  if (typeof answer === 'string') return [answer]
  return (answer instanceof Map ? [...answer.values()] : Object.values(answer)).flatMap(answersOf)
}
