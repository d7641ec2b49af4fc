import { NonFiniteError } from '@viscpm/core'

/** What a picture's cosines say. Concepts are known by number only: their names were not published. */
export interface ConceptScores {
  /** Cosine - threshold + adjustment, rounded to 3 decimals, of each of the 17 concepts; above 0 it is a hit. */
  readonly concepts: readonly number[]
  /** The same of the 3 special-care concepts. */
  readonly specialCare: readonly number[]
  /** Which concepts were hit. */
  readonly conceptHits: readonly number[]
  readonly specialCareHits: readonly number[]
  /** What was added to all 17 scores: 0.01 when a special-care concept was hit, else 0. */
  readonly adjustment: number
  /** A concept was hit. Special care alone flags nothing, it only lowers the bar. */
  readonly flagged: boolean
}

/** What a hit of a special-care concept adds to every score after it. */
const specialCareAdjustment = 0.01

/** Three decimals, a half going to the even one. Source: numpy.round. */
function rounded(x: number): number {
  const scaled = x * 1000
  const below = Math.floor(scaled)
  const rest = scaled - below
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  return (up ? below + 1 : below) / 1000
}

interface Compared {
  readonly cosines: ArrayLike<number>
  readonly thresholds: ArrayLike<number>
}

/**
 * Scores and hits of one picture. Double arithmetic, as with the numpy 1 that the original is pinned to.
 * @throws NonFiniteError for a score that is no number: it would count as no hit.
 * Source: diffusers 0.15.0, StableDiffusionSafetyChecker.forward.
 */
export function conceptScores(concepts: Compared, specialCare: Compared): ConceptScores {
  let adjustment = 0
  const special = Array.from(specialCare.cosines, (cosine, i) => {
    const score = finite(rounded(cosine - specialCare.thresholds[i]! + adjustment), `special-care concept ${i}`)
    if (score > 0) adjustment = specialCareAdjustment // counts for the special-care concepts after it, too
    return score
  })
  const ordinary = Array.from(concepts.cosines, (cosine, i) =>
    finite(rounded(cosine - concepts.thresholds[i]! + adjustment), `concept ${i}`),
  )
  const conceptHits = hits(ordinary)
  return {
    concepts: ordinary,
    specialCare: special,
    conceptHits,
    specialCareHits: hits(special),
    adjustment,
    flagged: conceptHits.length > 0,
  }
}

function hits(scores: readonly number[]): number[] {
  return scores.flatMap((score, i) => (score > 0 ? [i] : []))
}

function finite(score: number, what: string): number {
  if (!Number.isFinite(score)) throw new NonFiniteError({ message: `the score of ${what} is ${score}` })
  return score
}
