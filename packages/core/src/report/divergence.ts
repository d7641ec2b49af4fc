import { InvalidArgumentError } from '../errors.js'

/** How one distribution over tokens differs from the one that it should be. */
export interface Divergence {
  /** Kullback-Leibler divergence of the second from the first, in nats; 0 where they are the same. */
  readonly kl: number
  /** Both hold the same token for the likeliest (of equals the first). */
  readonly agrees: boolean
  /** Largest difference of two logits of one token, both rows shifted to a mean of 0. */
  readonly largest: number
  /** Natural logarithm of the probability of `token` under each; NaN where none was given. */
  readonly logProb: readonly [reference: number, other: number]
}

/**
 * Compares two rows of logits. -Infinity in both marks what may not be said.
 * @param token whose probability is asked for
 * @throws InvalidArgumentError for rows that are empty or not as long as one another
 */
export function divergence(reference: ArrayLike<number>, other: ArrayLike<number>, token?: number): Divergence {
  const width = reference.length
  if (width === 0 || other.length !== width)
    throw new InvalidArgumentError({
      argument: 'other',
      message: `rows of ${width} and ${other.length} logits cannot be compared`,
    })
  const [p, q] = [spread(reference), spread(other)]
  let [kl, largest] = [0, 0]
  const shift = q.mean - p.mean
  for (let i = 0; i < width; i++) {
    const [a, b] = [reference[i]!, other[i]!]
    const logP = a - p.logSum
    const probability = Math.exp(logP)
    if (probability > 0) kl += probability * (logP - (b - q.logSum))
    const difference = Math.abs(b - a - shift)
    if (difference > largest) largest = difference // NaN, of what neither may say, is not above it
  }
  return {
    kl: Math.max(0, kl), // rounding can take a 0 below it
    agrees: p.likeliest === q.likeliest,
    largest,
    logProb: token === undefined ? [Number.NaN, Number.NaN] : [reference[token]! - p.logSum, other[token]! - q.logSum],
  }
}

/** Natural logarithm of the sum of exponentials, where the largest is, and the mean of the finite ones. */
function spread(logits: ArrayLike<number>): { logSum: number; likeliest: number; mean: number } {
  let [likeliest, total, finite] = [0, 0, 0]
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i]!
    if (value > logits[likeliest]!) likeliest = i
    if (value > Number.NEGATIVE_INFINITY) {
      total += value
      finite++
    }
  }
  const max = logits[likeliest]!
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - max)
  return { logSum: max + Math.log(sum), likeliest, mean: total / finite }
}
