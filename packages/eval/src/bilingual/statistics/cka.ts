import type { Estimate } from '../../statistics/bootstrap.js'

/** Rows of numbers: data is [rows, dim]. */
export interface Rows {
  readonly data: Float32Array
  readonly dim: number
}

/** Inner products of all rows: [rows, rows]. */
export function gram({ data, dim }: Rows): Float64Array {
  const n = data.length / dim
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < dim; k++) sum += data[i * dim + k]! * data[j * dim + k]!
      out[i * n + j] = sum
      out[j * n + i] = sum
    }
  return out
}

/** Hilbert-Schmidt independence criterion without its bias, of two Gram matrices over chosen items. */
function hsic(
  a: Float64Array,
  b: Float64Array,
  n: number,
  items: readonly number[],
  paired: readonly number[],
): number {
  const m = items.length
  let [trace, rows, sumA, sumB] = [0, 0, 0, 0]
  for (let x = 0; x < m; x++) {
    let [rowA, rowB] = [0, 0]
    for (let y = 0; y < m; y++) {
      if (x === y) continue
      const va = a[items[x]! * n + items[y]!]!
      const vb = b[paired[x]! * n + paired[y]!]!
      trace += va * vb
      rowA += va
      rowB += vb
    }
    rows += rowA * rowB
    sumA += rowA
    sumB += rowB
  }
  return (trace + (sumA * sumB) / ((m - 1) * (m - 2)) - (2 * rows) / (m - 2)) / (m * (m - 3))
}

/**
 * Linear centred kernel alignment of two sets of states of the same items, without the bias that few items in many dimensions
 * have: 1 for the same geometry up to rotation and scale, about 0 for unrelated ones. At least four items; NaN for fewer.
 * Sources: S. Kornblith et al., arXiv 1905.00414; unbiased: L. Song et al., JMLR 13, 2012.
 * @param order which item of `b` each item of `a` is paired with; default its own
 */
export function linearCKA(
  a: Float64Array,
  b: Float64Array,
  items: readonly number[],
  order: readonly number[] = items,
): number {
  if (items.length < 4) return Number.NaN
  const n = Math.sqrt(a.length)
  const of = (x: Float64Array, y: Float64Array, xs: readonly number[], ys: readonly number[]) => hsic(x, y, n, xs, ys)
  return of(a, b, items, order) / Math.sqrt(of(a, a, items, items) * of(b, b, order, order))
}

/**
 * `linearCKA` with a jackknife interval (1.96 standard errors): items drawn twice, as a bootstrap does, would count as alike.
 * Source: B. Efron and C. Stein, The jackknife estimate of variance, 1981.
 */
export function estimateCKA(a: Float64Array, b: Float64Array): Estimate {
  const n = Math.sqrt(a.length)
  const all = Array.from({ length: n }, (_, i) => i)
  const value = linearCKA(a, b, all)
  const left = all.map(out =>
    linearCKA(
      a,
      b,
      all.filter(i => i !== out),
    ),
  )
  const middle = left.reduce((sum, v) => sum + v, 0) / n
  const error = Math.sqrt(((n - 1) / n) * left.reduce((sum, v) => sum + (v - middle) ** 2, 0))
  return { value, low: value - 1.96 * error, high: value + 1.96 * error }
}
