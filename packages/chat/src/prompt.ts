import { ContextTooLongError, InvalidArgumentError } from '@viscpm/core'
import { type CpmBeeTokenizer, escapeText, inputLength, keepNewest, type PackEntry } from '@viscpm/tokenizer'
import { withoutTurns } from './turn-text.js'
import type { Turn } from './types.js'

/** A question and the turns before it. */
export interface Asked {
  readonly turns: readonly Turn[]
  readonly question: string
  /** See ConversationOptions. */
  readonly syntax: 'text' | 'raw'
}

export interface PromptParts extends Asked {
  /** Placeholders of the picture; 0 for a question without one. */
  readonly queries: number
}

/**
 * The model's input as upstream writes it: picture, history, question, answer slot.
 * Every typed or generated text is escaped here, and nowhere else: it makes neither control tokens nor turns.
 */
export function chatInput({ queries, turns, question, syntax }: PromptParts): PackEntry[] {
  const safe = (text: string) => (syntax === 'raw' ? text : escapeText(withoutTurns(text)))
  const context = turns.map(turn => `User: ${safe(turn.question)}\nAI: ${safe(turn.answer)}\n`).join('')
  return [
    ...(queries > 0 ? [['image', '<unk>'.repeat(queries)] satisfies PackEntry] : []),
    ['context', context],
    ['question', safe(question)],
    ['<ans>', ''],
  ]
}

/** Longer questions are refused before they are tokenized: no vocabulary has tokens of this length. */
const charactersPerToken = 64

/**
 * The input with as much of the history as fits, cut from its oldest turn.
 * (Upstream cuts from the right, and loses the answer slot.)
 * @throws InvalidArgumentError for an empty question
 * @throws ContextTooLongError when picture and question alone do not fit
 */
export function fitPrompt(
  tokenizer: CpmBeeTokenizer,
  input: PromptParts & { readonly limit: number },
): { entries: PackEntry[]; dropped: number } {
  const { turns, question, limit } = input
  if (typeof question !== 'string' || question.trim() === '')
    throw new InvalidArgumentError({
      argument: 'question',
      message: 'is empty',
      hint: 'Ask something about the picture.',
    })
  if (question.length > limit * charactersPerToken)
    throw new ContextTooLongError({
      length: question.length,
      limit,
      message: `the question has ${question.length} characters; the model reads at most ${limit} tokens`,
    })
  const entriesOf = (kept: readonly Turn[]) => chatInput({ ...input, turns: kept })
  const kept = keepNewest(turns, limit, some => inputLength(tokenizer, entriesOf(some)))
  return { entries: entriesOf(kept), dropped: turns.length - kept.length }
}
