import { InvalidArgumentError } from '../errors.js'

/** How one distribution over tokens differs from the one that it should be. */
export interface Divergence {
  /** Kullback-Leibler divergence of the second from the first, in nats; 0 where they are the same. */
  readonly kl: number
  /** Both hold the same token for the likeliest (of equals the first). */
  readonly agrees: boolean
}

/**
 * Compares two rows of logits.
 * @param width how many of them are tokens
 * @throws InvalidArgumentError for rows that are shorter
 */
export function divergence(
  reference: ArrayLike<number>,
  other: ArrayLike<number>,
  width: number = reference.length,
): Divergence {
  if (reference.length < width || other.length < width || width === 0)
    throw new InvalidArgumentError({
      argument: 'other',
      message: `rows of ${reference.length} and ${other.length} logits are compared over ${width}`,
    })
  const [p, q] = [spread(reference, width), spread(other, width)]
  let kl = 0
  for (let i = 0; i < width; i++) {
    const logP = reference[i]! - p.logSum
    const probability = Math.exp(logP)
    if (probability > 0) kl += probability * (logP - (other[i]! - q.logSum))
  }
  return { kl: Math.max(0, kl), agrees: p.likeliest === q.likeliest } // rounding can take a 0 below it
}

/** Natural logarithm of the sum of exponentials, and where the largest is. */
function spread(logits: ArrayLike<number>, width: number): { logSum: number; likeliest: number } {
  let likeliest = 0
  for (let i = 1; i < width; i++) if (logits[i]! > logits[likeliest]!) likeliest = i
  const max = logits[likeliest]!
  let sum = 0
  for (let i = 0; i < width; i++) sum += Math.exp(logits[i]! - max)
  return { logSum: max + Math.log(sum), likeliest }
}
