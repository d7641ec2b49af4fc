/** A share with the interval that it lies in with 95 % confidence. */
export interface Rate {
  readonly rate: number
  readonly low: number
  readonly high: number
}

const z = 1.959963984540054

/**
 * Wilson's score interval, which holds for rates near 0 and 1 and for small counts too. Source: E. B. Wilson, Probable
 * inference, the law of succession, and statistical inference, 1927.
 */
export function wilson(hits: number, count: number): Rate {
  if (count === 0) return { rate: Number.NaN, low: 0, high: 1 }
  const rate = hits / count
  const centre = (rate + z ** 2 / (2 * count)) / (1 + z ** 2 / count)
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((rate * (1 - rate)) / count + z ** 2 / (4 * count ** 2))
  return { rate, low: hits === 0 ? 0 : centre - half, high: hits === count ? 1 : centre + half }
}

/** The value below which the share `p` of the sorted values lies; nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
}
