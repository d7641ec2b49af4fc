import type { CholeskyFactor } from './cholesky.js'

/** Columns of a row that are worked on together, so that four rows of sums stay in the processor's nearest memory. */
const block = 512

/** U B[p, p] U^T for the factor of another matrix. b: [size, size] symmetric, row-major -> [rank, rank], both triangles. */
export function congruence({ rows: u, rank, permutation }: CholeskyFactor, b: Float64Array): Float64Array {
  const size = permutation.length
  const permuted = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const from = permutation[i]! * size
    for (let j = 0; j < size; j++) permuted[i * size + j] = b[from + permutation[j]!]!
  }
  const product = timesSquare(u, rank, permuted, size)
  const out = new Float64Array(rank * rank)
  for (let i = 0; i < rank; i++) {
    const row = i * size
    for (let j = 0; j <= i; j++) {
      const other = j * size
      let sum = 0
      // Before column i row i of U is zero.
      for (let k = i; k < size; k++) sum += product[other + k]! * u[row + k]!
      out[i * rank + j] = sum
      out[j * rank + i] = sum
    }
  }
  return out
}

/** u: [rank, size] with zeros before the diagonal, times b: [size, size]. */
function timesSquare(u: Float64Array, rank: number, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(rank * size)
  for (let from = 0; from < size; from += block) {
    const to = Math.min(size, from + block)
    for (let i = 0; i < rank; i += 4) {
      const [r0, r1, r2, r3] = [0, 1, 2, 3].map(k => Math.min(i + k, rank - 1) * size) as [
        number,
        number,
        number,
        number,
      ]
      const count = Math.min(4, rank - i)
      for (let k = i; k < size; k++) {
        const u0 = u[r0 + k]!
        const u1 = count > 1 ? u[r1 + k]! : 0
        const u2 = count > 2 ? u[r2 + k]! : 0
        const u3 = count > 3 ? u[r3 + k]! : 0
        const row = k * size
        for (let j = from; j < to; j++) {
          const value = b[row + j]!
          out[r0 + j] = out[r0 + j]! + u0 * value
          out[r1 + j] = out[r1 + j]! + u1 * value
          out[r2 + j] = out[r2 + j]! + u2 * value
          out[r3 + j] = out[r3 + j]! + u3 * value
        }
      }
    }
  }
  return out
}
