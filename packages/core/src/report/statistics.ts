/** Mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** The value below which a share of all values lies, linear between neighbours (NumPy's default); NaN of nothing. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = share * (sorted.length - 1)
  const low = Math.floor(at)
  const [below, above] = [sorted[low], sorted[Math.ceil(at)]]
  return below === undefined || above === undefined ? Number.NaN : below + (above - below) * (at - low)
}

/** Counts of values in equal bins. */
export interface Histogram {
  readonly min: number
  readonly max: number
  /** From min to max; a value at max is in the last. */
  readonly counts: readonly number[]
  readonly below: number
  readonly above: number
}

/** Counts values as they come, so that they need not be kept. */
export class HistogramBuilder {
  private readonly counts: Float64Array
  private below = 0
  private above = 0

  constructor(
    private readonly min: number,
    private readonly max: number,
    bins: number,
  ) {
    this.counts = new Float64Array(bins)
  }

  add(value: number): void {
    const { min, max, counts } = this
    if (value < min) this.below++
    else if (value > max) this.above++
    else counts[Math.min(counts.length - 1, Math.floor(((value - min) / (max - min)) * counts.length))]!++
  }

  finish(): Histogram {
    const { min, max, below, above } = this
    return { min, max, counts: [...this.counts], below, above }
  }
}
