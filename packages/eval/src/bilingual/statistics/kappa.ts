/** Whether each of two raters says yes. */
export type Ratings = readonly [boolean, boolean]

/**
 * Cohen's kappa of two raters' yes and no: agreement beyond chance, 1 for full, 0 for none beyond chance. NaN where it is not
 * defined: both say the same of everything, always. Source: J. Cohen, A coefficient of agreement for nominal scales, 1960.
 */
export function cohenKappa(ratings: readonly Ratings[]): number {
  const share = (of: (rating: Ratings) => boolean): number => ratings.filter(of).length / ratings.length
  const observed = share(([a, b]) => a === b)
  const [first, second] = [share(([a]) => a), share(([, b]) => b)]
  const expected = first * second + (1 - first) * (1 - second)
  return expected === 1 ? Number.NaN : (observed - expected) / (1 - expected)
}
