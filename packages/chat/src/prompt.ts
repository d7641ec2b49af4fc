import { ContextTooLongError, InvalidArgumentError } from '@viscpm/core'
import { type CpmBeeTokenizer, escapeText, type PackEntry, packSample } from '@viscpm/tokenizer'
import type { Turn } from './types.js'

/** The history as upstream writes it; every typed or generated text is escaped here, and nowhere else. */
export function contextOf(turns: readonly Turn[]): string {
  return turns.map(({ question, answer }) => `User: ${escapeText(question)}\nAI: ${escapeText(answer)}\n`).join('')
}

/** The model's input: placeholders for the picture, history, question, answer slot. */
export function chatInput(queries: number, turns: readonly Turn[], question: string): PackEntry[] {
  return [
    ['image', '<unk>'.repeat(queries)],
    ['context', contextOf(turns)],
    ['question', escapeText(question)],
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
  input: { queries: number; turns: readonly Turn[]; question: string; limit: number },
): { entries: PackEntry[]; dropped: number } {
  const { queries, turns, question, limit } = input
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
  const attempt = (dropped: number) => {
    const entries = chatInput(queries, turns.slice(dropped), question)
    return { entries, dropped, length: packSample(tokenizer, entries).length }
  }
  let best = attempt(0)
  if (best.length <= limit) return best
  // Lengths fall with every turn dropped: search for the fewest.
  let low = 1
  let high = turns.length
  best = attempt(high)
  if (best.length > limit)
    throw new ContextTooLongError({
      length: best.length,
      limit,
      hint: 'Ask a shorter question.',
    })
  while (low < high) {
    const middle = (low + high) >> 1
    const tried = attempt(middle)
    if (tried.length <= limit) {
      high = middle
      best = tried
    } else low = middle + 1
  }
  return best
}
