/**
 * Bucket of a relative position (key - query), T5-like: small distances have their own, large ones share by logarithm
 * up to `maxDistance`; keys to the right use the upper half. Source: CPM-Bee, BucketPositionBias._position_bucket.
 */
export function positionBucket(relative: number, numBuckets: number, maxDistance: number): number {
  const half = numBuckets >> 1
  const side = relative > 0 ? half : 0
  const distance = Math.abs(relative)
  const exact = half >> 1
  if (distance < exact) return side + distance
  // Each step rounds to float32, as the original does: truncation would else differ at the bucket edges.
  const f = Math.fround
  const ratio = f(f(logf(f(distance / exact))) / f(Math.log(maxDistance / exact)))
  const large = exact + Math.trunc(f(ratio * (half - exact)))
  return side + Math.min(large, half - 1)
}

function logf(x: number): number {
  return Math.fround(Math.log(x))
}

/** Buckets of -limit..limit, so that long inputs look them up instead of taking logarithms. */
export class PositionBuckets {
  private table = new Int32Array(0)
  private limit = -1

  constructor(
    private readonly numBuckets: number,
    private readonly maxDistance: number,
  ) {}

  /** Makes the table reach `limit`. */
  reach(limit: number): this {
    if (limit <= this.limit) return this
    this.limit = Math.max(limit, 2 * this.limit, 512)
    this.table = Int32Array.from({ length: 2 * this.limit + 1 }, (_, i) =>
      positionBucket(i - this.limit, this.numBuckets, this.maxDistance),
    )
    return this
  }

  /** @param relative key position - query position, within the reach. */
  of(relative: number): number {
    return this.table[relative + this.limit]!
  }
}
