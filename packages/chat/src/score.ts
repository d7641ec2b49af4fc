import { InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import { type CpmBeeTokenizer, escapeText, type PackedBatch } from '@viscpm/tokenizer'
import { withoutTurns } from './turn-text.js'
import type { ConversationOptions } from './types.js'

export interface ScoreOptions extends TaskOptions, ConversationOptions {
  /**
   * true (default): the answer and nothing after it, its closing `</s>` counts as a token. false: what may follow is left
   * open, so that "Yes" is any answer that begins with it.
   */
  readonly ends?: boolean
}

/** How likely the model finds an answer. */
export interface AnswerScore {
  /** Natural logarithm of each token's probability after those before it. */
  readonly logProbs: readonly number[]
  /** Their sum: of the whole answer. Divided by the tokens it compares answers of different lengths. */
  readonly logProb: number
}

/**
 * Ids of an answer that is given. Characters that neither the vocabulary nor the prompt has are left out: no answer can hold them.
 * @throws InvalidArgumentError when nothing is left
 */
export function answerIds(
  tokenizer: CpmBeeTokenizer,
  batch: PackedBatch,
  answer: string,
  { syntax = 'text', ends = true }: Pick<ScoreOptions, 'syntax' | 'ends'>,
): number[] {
  const { ids, extTable } = tokenizer.encode(syntax === 'raw' ? answer : escapeText(withoutTurns(answer)))
  const inPrompt = new Map([...batch.extTexts[0]!].map(([id, text]) => [text, id]))
  const known = ids.flatMap(id => (id < tokenizer.vocabSize ? id : (inPrompt.get(extTable.get(id)!) ?? [])))
  if (known.length === 0)
    throw new InvalidArgumentError({
      argument: 'answers',
      message: ids.length === 0 ? 'one is empty' : `the vocabulary has nothing of ${JSON.stringify(answer)}`,
    })
  return ends ? [...known, tokenizer.eosId] : known
}

export function answerScore(logProbs: Float32Array): AnswerScore {
  return { logProbs: [...logProbs], logProb: logProbs.reduce((sum, value) => sum + value, 0) }
}
