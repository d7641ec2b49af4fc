import { pivotedCholesky } from './cholesky.js'
import { congruence } from './congruence.js'
import { symmetricEigenvalues } from './eigenvalues.js'

/**
 * Trace of the square root of a product of two covariances, [size, size] row-major each, of any rank. With A = U^T U the
 * product A B has the eigenvalues of U B U^T, as those of A^(1/2) B A^(1/2), and that matrix is symmetric: no complex numbers
 * come up and nothing has to be added to singular covariances. What rounding made negative counts as 0.
 */
export function traceOfRootOfProduct(a: Float64Array, b: Float64Array, size: number): number {
  const factor = pivotedCholesky(a, size)
  if (factor.rank === 0) return 0
  let sum = 0
  for (const value of symmetricEigenvalues(congruence(factor, b), factor.rank)) sum += Math.sqrt(Math.max(0, value))
  return sum
}
