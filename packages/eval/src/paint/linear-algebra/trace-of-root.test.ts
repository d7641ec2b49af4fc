import { NonFiniteError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { uniform } from '../fixtures/uniform.js'
import { pivotedCholesky } from './cholesky.js'
import { symmetricEigenvalues } from './eigenvalues.js'
import { traceOfRootOfProduct } from './trace-of-root.js'

/** x x^T of rank `rank` at most. */
function semidefinite(name: string, size: number, rank: number): Float64Array {
  const x = uniform(name, size * rank)
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size]
    let sum = 0
    for (let k = 0; k < rank; k++) sum += (x[i * rank + k]! - 0.5) * (x[j * rank + k]! - 0.5)
    return sum
  })
}

const diagonal = (...values: number[]): Float64Array =>
  Float64Array.from({ length: values.length ** 2 }, (_, i) =>
    i % (values.length + 1) === 0 ? values[i % values.length]! : 0,
  )

test('eigenvalues of matrices that have known ones', () => {
  expect([...symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2)].map(v => Math.round(v * 1e12) / 1e12)).toEqual([
    1, 3,
  ])
  expect([...symmetricEigenvalues(diagonal(3, -1, 0, 2), 4)]).toEqual([-1, 0, 2, 3])
  // Second differences: 2 - 2 cos(k pi / (n + 1)).
  const n = 40
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const distance = Math.abs(Math.floor(at / n) - (at % n))
    return distance === 0 ? 2 : distance === 1 ? -1 : 0
  })
  const found = symmetricEigenvalues(a, n)
  for (let k = 1; k <= n; k++) expect(found[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 12)
})

test('eigenvalues keep trace and squares of a full matrix', () => {
  const a = semidefinite('full', 60, 70)
  const found = symmetricEigenvalues(a, 60)
  let [trace, squares] = [0, 0]
  for (let i = 0; i < 60; i++) trace += a[i * 61]!
  for (const value of a) squares += value * value
  expect(found.reduce((s, v) => s + v, 0)).toBeCloseTo(trace, 10)
  expect(found.reduce((s, v) => s + v * v, 0)).toBeCloseTo(squares, 9)
  expect(() => symmetricEigenvalues(Float64Array.of(Number.NaN), 1)).toThrow(NonFiniteError)
})

test('the factor gives the matrix again, with its rank', () => {
  for (const rank of [3, 12, 30]) {
    const a = semidefinite('cholesky', 12, rank)
    const factor = pivotedCholesky(a, 12)
    expect(factor.rank).toBe(Math.min(rank, 12))
    for (let i = 0; i < 12; i++)
      for (let j = 0; j < 12; j++) {
        let sum = 0
        for (let k = 0; k < factor.rank; k++) sum += factor.rows[k * 12 + i]! * factor.rows[k * 12 + j]!
        expect(sum).toBeCloseTo(a[factor.permutation[i]! * 12 + factor.permutation[j]!]!, 12)
      }
  }
})

test('trace of a root: of a matrix with itself, of diagonals, of ranks that have nothing in common', () => {
  const a = semidefinite('a', 30, 9)
  let trace = 0
  for (let i = 0; i < 30; i++) trace += a[i * 31]!
  expect(traceOfRootOfProduct(a, a, 30)).toBeCloseTo(trace, 6)
  expect(traceOfRootOfProduct(diagonal(4, 9, 0), diagonal(1, 16, 25), 3)).toBeCloseTo(2 + 12, 12)
  expect(traceOfRootOfProduct(diagonal(4, 0), diagonal(0, 9), 2)).toBe(0)
  expect(traceOfRootOfProduct(diagonal(0, 0), diagonal(1, 9), 2)).toBe(0)
})
