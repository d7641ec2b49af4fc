import { median } from '../statistics.js'

/**
 * Growth of y with x: the median of the slopes between all pairs of points, which single bursts do not move. NaN below two points.
 * Source: Theil 1950, Sen 1968.
 */
export function theilSen(points: readonly { readonly x: number; readonly y: number }[]): number {
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap(b => (b.x === a.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  )
  return median(slopes)
}

/** The value that this share of the others do not pass. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
