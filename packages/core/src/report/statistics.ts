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
