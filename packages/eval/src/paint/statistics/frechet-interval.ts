import { InvalidArgumentError } from '@viscpm/core'
import { randomNumbers } from '@viscpm/core/random'
import { mean } from '@viscpm/core/report'
import type { Estimate } from '../../statistics/bootstrap.js'
import { frechetDistance } from './frechet-distance.js'
import { type Moments, momentsOf } from './moments.js'
import { rowsOf, sampleWithoutReplacement } from './sample.js'

/** Features [pictures, dim], or only their moments where the pictures are not there. */
export type Side = { readonly features: Float32Array } | { readonly moments: Moments }

export interface FrechetIntervalOptions {
  /** Default 100. Each costs a distance: seconds to a minute with 2048 features. */
  readonly resamples?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onResample?: (done: number, total: number) => void
}

/**
 * `distance` with the interval that is 1.96 standard deviations of the bootstrap wide on either side: what another draw of as many
 * pictures would change. Resampling itself lifts the distance, so that percentiles would lie above the figure; and the
 * interval says nothing of the bias that all distances of few pictures have. Sides without features are taken as certain.
 * @throws InvalidArgumentError; the signal's reason
 */
export function frechetInterval(
  distance: number,
  dim: number,
  a: Side,
  b: Side,
  { resamples = 100, seed = 0, signal, onResample }: FrechetIntervalOptions = {},
): Estimate {
  if (!(Number.isSafeInteger(resamples) && resamples > 1))
    throw new InvalidArgumentError({ argument: 'resamples', message: `${resamples} is no whole number from 2 on` })
  const random = randomNumbers(seed)
  const drawn = (side: Side): Moments => {
    if ('moments' in side) return side.moments
    const count = side.features.length / dim
    const rows = Array.from({ length: count }, () => Math.floor(random() * count))
    return momentsOf(rowsOf(side.features, dim, rows), dim)
  }
  const values: number[] = []
  for (let i = 0; i < resamples; i++) {
    signal?.throwIfAborted()
    values.push(frechetDistance(drawn(a), drawn(b)).distance)
    onResample?.(i + 1, resamples)
  }
  const centre = mean(values)
  const half = 1.96 * Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (resamples - 1))
  return { value: distance, low: Math.max(0, distance - half), high: distance + half }
}

export interface ExtrapolationOptions extends Omit<FrechetIntervalOptions, 'resamples' | 'onResample'> {
  /** Numbers of pictures at which the distance is taken. Default 7. */
  readonly points?: number
}

export interface Extrapolation {
  /** At infinitely many pictures. */
  readonly distance: number
  readonly points: readonly { readonly count: number; readonly distance: number }[]
}

/**
 * The distance that infinitely many painted pictures would have: a straight line through the distances of subsets over 1 / their
 * size, at 0. Takes away the bias of the painted side alone.
 * Source: M. Chong, D. Forsyth, Effectively unbiased FID and Inception Score (arXiv 1911.07023).
 * @param features of painted pictures, [pictures, dim]
 * @throws InvalidArgumentError for fewer than 20 pictures; the signal's reason
 */
export function extrapolatedDistance(
  features: Float32Array,
  dim: number,
  real: Moments,
  { points = 7, seed = 0, signal }: ExtrapolationOptions = {},
): Extrapolation {
  const total = features.length / dim
  if (total < 20)
    throw new InvalidArgumentError({ argument: 'features', message: `${total} pictures are too few, 20 are needed` })
  const random = randomNumbers(seed)
  const least = Math.ceil(total / 10)
  const measured = Array.from({ length: points }, (_, i) => {
    signal?.throwIfAborted()
    const count = Math.round(least + ((total - least) * i) / (points - 1))
    const subset = rowsOf(features, dim, sampleWithoutReplacement(total, count, random))
    return { count, distance: frechetDistance(momentsOf(subset, dim), real).distance }
  })
  const x = measured.map(({ count }) => 1 / count)
  const y = measured.map(({ distance }) => distance)
  const [mx, my] = [mean(x), mean(y)]
  const slope = x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0) / x.reduce((s, v) => s + (v - mx) ** 2, 0)
  return { distance: my - slope * mx, points: measured }
}
