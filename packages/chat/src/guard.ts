import type { Image, TaskOptions, Verdict } from '@viscpm/core'
import { type Decision, isFlagged, type Safety, type Windowed, windowed } from '@viscpm/safety'
import { withoutSpecialTokens } from '@viscpm/tokenizer'
import { BlockedInputError } from './blocked.js'
import type { Asked } from './prompt.js'
import type { SafetyReport } from './types.js'

/** Texts found harmless that are known again: the history is the same at every question. */
const textsKept = 256

/** What stands between a chat's model and the world. */
export class ChatGuard {
  private readonly harmless = new Set<string>()

  constructor(private readonly safety: Safety) {}

  /**
   * Checks all that a question brings along: the question, the turns before it, the picture if there is one.
   * @throws BlockedInputError with the verdicts
   */
  async input(
    image: Image | undefined,
    { question, turns, syntax }: Asked,
    { signal }: TaskOptions,
  ): Promise<SafetyReport> {
    const task = signal ? { signal } : {}
    const flagged: Decision[] = []
    const note = (what: BlockedInputError['what'], decision: Decision): Verdict | 'none' => {
      refuse(what, decision)
      if (isFlagged(decision)) flagged.push(decision)
      return decision.verdict
    }
    let asked: Verdict | 'none' = 'none'
    for (const form of formsOf(question, syntax).reverse())
      asked = note('question', await this.safety.checkText('chat-text', form, task))
    for (const text of turns.flatMap(turn => [turn.question, turn.answer]))
      for (const form of formsOf(text, syntax)) {
        if (this.harmless.has(form)) continue
        const decision = await this.safety.checkText('chat-text', form, task)
        note('history', decision)
        if (!isFlagged(decision)) this.keep(form)
      }
    const seen = image ? note('picture', await this.safety.checkImage('chat-picture', image, task)) : 'none'
    const { policy } = this.safety
    return {
      policy: policy.name,
      coverage: this.safety.coverage(),
      image: seen,
      question: asked,
      answer: 'none',
      flagged,
    }
  }

  /** Passes an answer on as it is checked; stops it at the first window that is blocked. */
  async *output<R>(answer: AsyncGenerator<string, R>, { signal }: TaskOptions): AsyncGenerator<string, Windowed<R>> {
    if (!this.safety.covers('chat-answer')) return { blocked: false, value: yield* answer }
    const task = signal ? { signal } : {}
    return yield* windowed(answer, text => this.safety.checkText('chat-answer', text, task))
  }

  private keep(text: string): void {
    this.harmless.add(text)
    const [oldest] = this.harmless
    if (this.harmless.size > textsKept && oldest !== undefined) this.harmless.delete(oldest)
  }
}

/** Passes a checked stream on, and keeps what it passed on. */
export async function* passedOn<R>(
  stream: AsyncGenerator<string, Windowed<R>>,
): AsyncGenerator<string, Windowed<R> & { readonly text: string }> {
  let text = ''
  try {
    for (;;) {
      const next = await stream.next()
      if (next.done) return { ...next.value, text }
      text += next.value
      yield next.value
    }
  } finally {
    await stream.return(undefined as never) // ends it where the caller left early; else it has ended
  }
}

/** The report with what was said of the answer. */
export function withAnswer(report: SafetyReport, { decision }: Windowed<unknown>): SafetyReport {
  if (!decision) return report
  const flagged = isFlagged(decision) ? [...report.flagged, decision] : report.flagged
  return { ...report, answer: decision.verdict, flagged }
}

/** A text as it is written, and in CPM-Bee's syntax also as it is read: without control tokens, `<<` as `<`. */
function formsOf(text: string, syntax: Asked['syntax']): string[] {
  if (syntax !== 'raw' || typeof text !== 'string') return [text]
  const read = withoutSpecialTokens(text)
  return read === text ? [text] : [text, read]
}

function refuse(what: BlockedInputError['what'], decision: Decision): void {
  if (decision.action === 'block') throw new BlockedInputError(what, decision)
}
