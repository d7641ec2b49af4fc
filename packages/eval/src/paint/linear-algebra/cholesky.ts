/** Rows U of a factorisation A[p, p] = U^T U: row k holds zeros before column k. */
export interface CholeskyFactor {
  /** [rank, size] */
  readonly rows: Float64Array
  readonly rank: number
  /** permutation[i] is the row of A that stands at place i. */
  readonly permutation: Int32Array
}

/**
 * Cholesky factorisation with complete pivoting of a positive semidefinite matrix, whatever its rank: it ends where what
 * remains on the diagonal is rounding. a: [size, size], row-major; only its lower triangle is read.
 * Source: N. Higham, Analysis of the Cholesky decomposition of a semi-definite matrix, 1990.
 */
export function pivotedCholesky(a: Float64Array, size: number): CholeskyFactor {
  const work = a.slice()
  const permutation = Int32Array.from({ length: size }, (_, i) => i)
  const factor = new Float64Array(size * size)
  const rest = Float64Array.from({ length: size }, (_, i) => a[i * size + i]!)
  const tolerance = size * Number.EPSILON * Math.max(0, ...rest)
  let rank = 0
  for (let k = 0; k < size; k++) {
    let pivot = k
    for (let i = k + 1; i < size; i++) if (rest[i]! > rest[pivot]!) pivot = i
    if (!(rest[pivot]! > tolerance)) break
    if (pivot !== k) swap(work, factor, rest, permutation, size, k, pivot)
    const root = Math.sqrt(rest[k]!)
    const row = k * size
    factor[row + k] = root
    for (let i = k + 1; i < size; i++) factor[row + i] = work[i * size + k]! / root
    for (let i = k + 1; i < size; i++) {
      const f = factor[row + i]!
      rest[i] = rest[i]! - f * f
      if (f === 0) continue
      const at = i * size
      for (let j = k + 1; j < i; j++) work[at + j] = work[at + j]! - f * factor[row + j]!
    }
    rank++
  }
  return { rows: factor.subarray(0, rank * size), rank, permutation }
}

/** Exchanges two rows and columns of the lower triangle, i < j. */
function swap(
  work: Float64Array,
  factor: Float64Array,
  rest: Float64Array,
  permutation: Int32Array,
  size: number,
  i: number,
  j: number,
): void {
  const exchange = (values: Float64Array | Int32Array, p: number, q: number): void => {
    const kept = values[p]!
    values[p] = values[q]!
    values[q] = kept
  }
  for (let k = 0; k < i; k++) {
    exchange(work, i * size + k, j * size + k)
    exchange(factor, k * size + i, k * size + j)
  }
  for (let k = i + 1; k < j; k++) exchange(work, k * size + i, j * size + k)
  for (let k = j + 1; k < size; k++) exchange(work, k * size + i, k * size + j)
  exchange(rest, i, j)
  exchange(permutation, i, j)
}
