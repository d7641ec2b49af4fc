/** Maps values to places along an axis. */
export interface Scale {
  readonly ticks: readonly number[]
  /** 0 at the axis' beginning, 1 at its end. */
  of(value: number): number
}

/** From 0 to a round number that no value exceeds, with three to six ticks. */
export function linearScale(values: readonly number[]): Scale {
  const most = Math.max(0, ...values.filter(Number.isFinite))
  if (most === 0) return { ticks: [0, 1], of: value => value }
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [0.2, 0.5, 1, 2].map(s => s * power).find(s => most / s <= 5.000001)!
  const count = Math.ceil(most / step - 1e-9)
  const end = count * step
  return { ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))), of: v => v / end }
}

/** Powers of ten around all values above 0; what is not above 0 lies at the beginning. */
export function logScale(values: readonly number[]): Scale {
  const known = values.filter(value => value > 0 && Number.isFinite(value)).map(Math.log10)
  if (known.length === 0) return { ticks: [0.1, 1], of: () => 0 }
  const low = Math.floor(Math.min(...known))
  const high = Math.max(low + 1, Math.ceil(Math.max(...known)))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`)),
    of: value => (value > 0 ? Math.max(0, (Math.log10(value) - low) / (high - low)) : 0),
  }
}
