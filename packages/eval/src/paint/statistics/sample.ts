/** `count` different numbers below `size`, in random order. */
export function sampleWithoutReplacement(size: number, count: number, random: () => number): Int32Array {
  const all = Int32Array.from({ length: size }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (size - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  return all.subarray(0, count)
}

/** Some rows of features [rows, dim], copied. */
export function rowsOf(features: Float32Array, dim: number, rows: ArrayLike<number>): Float32Array {
  const out = new Float32Array(rows.length * dim)
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * dim
    out.set(features.subarray(from, from + dim), i * dim)
  }
  return out
}
