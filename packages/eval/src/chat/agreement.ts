import { InvalidArgumentError } from '@viscpm/core'
import { commonStart, mean, sequenceSimilarity } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import type { AnswerRecord } from './answers.js'

/** How alike two systems answer the same questions. */
export interface AnswerAgreement {
  /** Questions that both have an answer to. */
  readonly compared: number
  /** Questions that only one of them has. */
  readonly onlyFirst: readonly (string | number)[]
  readonly onlySecond: readonly (string | number)[]
  /** Share of answers that are the same to the letter. */
  readonly identical: Estimate
  /** Mean of 1 - edit distance / length of the longer, in characters. */
  readonly similarity: Estimate
  /** Answers that are not the same, in the order of the first. */
  readonly different: readonly AnswerDifference[]
}

export interface AnswerDifference {
  readonly question_id: string | number
  readonly similarity: number
  /** Characters (code points) that both begin with. */
  readonly at: number
  readonly first: string
  readonly second: string
}

/**
 * Compares answers without a judge: for two runtimes or dtypes of one model, where identical is the aim.
 * @throws InvalidArgumentError when they have no question in common
 */
export function compareAnswers(
  first: readonly AnswerRecord[],
  second: readonly AnswerRecord[],
  options: BootstrapOptions = {},
): AnswerAgreement {
  const [a, b] = [first, second].map(answers => new Map(answers.map(one => [String(one.question_id), one])))
  const pairs = first.flatMap(one => {
    const other = b!.get(String(one.question_id))
    if (!other) return []
    const [left, right] = [[...one.text], [...other.text]]
    const similarity = one.text === other.text ? 1 : sequenceSimilarity(left, right)
    return [{ one, other, same: one.text === other.text, similarity, at: commonStart(left, right) }]
  })
  if (pairs.length === 0)
    throw new InvalidArgumentError({ argument: 'answers', message: 'the two have no question in common' })
  return {
    compared: pairs.length,
    onlyFirst: first.filter(one => !b!.has(String(one.question_id))).map(one => one.question_id),
    onlySecond: second.filter(one => !a!.has(String(one.question_id))).map(one => one.question_id),
    identical: bootstrap(pairs, own => mean(own.map(({ same }) => (same ? 1 : 0))), options),
    similarity: bootstrap(pairs, own => mean(own.map(pair => pair.similarity)), options),
    different: pairs
      .filter(({ same }) => !same)
      .map(({ one, other, similarity, at }) => ({
        ...{ question_id: one.question_id, similarity, at, first: one.text, second: other.text },
      })),
  }
}
