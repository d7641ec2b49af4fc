import { InvalidArgumentError } from '@viscpm/core'
import { randomNumbers } from '@viscpm/core/random'
import { quantile } from '@viscpm/core/report'

/** A figure with an interval; `low` and `high` are NaN where no interval can be told (fewer than two items). */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  /** Default 1000. */
  readonly resamples?: number
  /** Share of the intervals that hold the true figure, between 0 and 1. Default 0.95. */
  readonly confidence?: number
  /** Default 0: the same items give the same interval. */
  readonly seed?: number
}

/**
 * A statistic of items with its percentile bootstrap interval: items are drawn again with replacement, whole, so
 * that what is measured twice on one item stays together (a paired bootstrap). Resamples whose statistic is not
 * finite are left out. Source: B. Efron, Bootstrap methods: another look at the jackknife, 1979.
 * @throws InvalidArgumentError when `resamples` or `confidence` is out of range
 */
export function bootstrap<T>(
  items: readonly T[],
  statistic: (items: readonly T[]) => number,
  { resamples = 1000, confidence = 0.95, seed = 0 }: BootstrapOptions = {},
): Estimate {
  if (!(Number.isInteger(resamples) && resamples > 0)) {
    throw new InvalidArgumentError({ argument: 'resamples', message: `${resamples} is no whole number from 1 on` })
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new InvalidArgumentError({ argument: 'confidence', message: `${confidence} does not lie between 0 and 1` })
  }
  const value = statistic(items)
  if (items.length < 2) return { value, low: Number.NaN, high: Number.NaN }
  const random = randomNumbers(seed)
  const figures = Array.from({ length: resamples }, () =>
    statistic(items.map(() => items[Math.floor(random() * items.length)]!)),
  ).filter(Number.isFinite)
  const tail = (1 - confidence) / 2
  return { value, low: quantile(figures, tail), high: quantile(figures, 1 - tail) }
}
