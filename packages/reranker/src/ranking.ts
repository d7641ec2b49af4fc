import { InvalidArgumentError, NonFiniteError } from '@viscpm/core'
import type { Ranking } from './types.js'

/**
 * The highest score, of equal ones the first. Every reranker's `best` can end with this.
 * @throws InvalidArgumentError without scores, NonFiniteError when one is NaN or infinite
 */
export function rank(scores: readonly number[]): Ranking {
  if (scores.length === 0)
    throw new InvalidArgumentError({ argument: 'images', message: 'there is nothing to choose from' })
  const bad = scores.findIndex(score => !Number.isFinite(score))
  if (bad >= 0) throw new NonFiniteError({ message: `the score of picture ${bad} is ${scores[bad]}` })
  let index = 0
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[index]!) index = i
  return { index, scores }
}
