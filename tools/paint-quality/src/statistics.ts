/** A figure with the interval that it lies in with 95 % confidence. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

const z = 1.959963984540054

/** Wilson's score interval of a share. Source: E. B. Wilson, Probable inference and statistical inference, 1927. */
export function wilson(hits: number, count: number): Estimate {
  if (count === 0) return { value: Number.NaN, low: 0, high: 1 }
  const value = hits / count
  const centre = (value + z ** 2 / (2 * count)) / (1 + z ** 2 / count)
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((value * (1 - value)) / count + z ** 2 / (4 * count ** 2))
  return { value, low: hits === 0 ? 0 : centre - half, high: hits === count ? 1 : centre + half }
}

/** Mean of values that do not depend on one another, by the normal approximation. */
export function mean(values: readonly number[]): Estimate {
  const n = values.length
  const value = values.reduce((sum, v) => sum + v, 0) / n
  const variance = values.reduce((sum, v) => sum + (v - value) ** 2, 0) / Math.max(1, n - 1)
  const half = z * Math.sqrt(variance / n)
  return { value, low: value - half, high: value + half }
}
