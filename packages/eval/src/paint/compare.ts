import type { TaskOptions } from '@viscpm/core'
import type { Estimate } from '../statistics/bootstrap.js'
import { type FrechetDistance, frechetDistance } from './statistics/frechet-distance.js'
import { extrapolatedDistance, frechetInterval, type Side } from './statistics/frechet-interval.js'
import { type KernelDistance, kernelDistance, type RowProducts } from './statistics/kernel-distance.js'
import type { Moments } from './statistics/moments.js'

/** Real pictures: their features too, or only what a statistics file has. */
export interface RealSide {
  readonly moments: Moments
  readonly features?: Float32Array
}

export interface CompareOptions extends TaskOptions {
  /** Of the distance's interval; 0: none. */
  readonly resamples: number
  /** Pairs of subsets of the kernel distance. */
  readonly subsets: number
  readonly subsetSize: number
  readonly seed: number
  /** Whether to extrapolate to infinitely many pictures. */
  readonly extrapolate: boolean
  readonly products?: RowProducts
}

export interface PictureComparison {
  readonly count: number
  readonly frechet: FrechetDistance
  /** low and high are NaN where no interval was asked for. */
  readonly interval: Estimate
  /** Absent where the real pictures are only known by their statistics. */
  readonly kernel?: KernelDistance
  readonly extrapolated?: number
}

/** @throws InvalidArgumentError for features of two sizes, or too few pictures; the signal's reason */
export async function comparePictures(
  painted: { readonly features: Float32Array; readonly moments: Moments },
  real: RealSide,
  options: CompareOptions,
): Promise<PictureComparison> {
  const { resamples, subsets, subsetSize, seed, extrapolate, products, signal, onProgress } = options
  const { dim } = real.moments
  const frechet = frechetDistance(painted.moments, real.moments)
  const realSide: Side = real.features ? { features: real.features } : real
  const said = (phase: string) => (done: number, total: number) => onProgress?.({ phase, done, total, unit: 'steps' })
  const task = { seed, ...(signal && { signal }) }
  const interval =
    resamples > 1
      ? frechetInterval(frechet.distance, dim, { features: painted.features }, realSide, {
          ...task,
          resamples,
          onResample: said('resamples'),
        })
      : { value: frechet.distance, low: Number.NaN, high: Number.NaN }
  const kernel =
    real.features &&
    (await kernelDistance(painted.features, real.features, dim, {
      ...task,
      subsets,
      subsetSize,
      onSubset: said('subsets'),
      ...(products && { products }),
    }))
  const extrapolated = extrapolate
    ? extrapolatedDistance(painted.features, dim, real.moments, task).distance
    : undefined
  return {
    count: painted.features.length / dim,
    frechet,
    interval,
    ...(kernel && { kernel }),
    ...(extrapolated !== undefined && { extrapolated }),
  }
}
