import { InvalidArgumentError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { peer } from '../fixtures/peer.js'
import { features } from '../fixtures/uniform.js'
import { frechetDistance } from './frechet-distance.js'
import { momentsOf } from './moments.js'

test.each(peer.cases)('is what pytorch-fid says: $n and $m pictures, $dim features', ({ n, m, dim, fid }) => {
  const name = `${n} ${m} ${dim}`
  const a = momentsOf(features(`a ${name}`, n, dim), dim)
  const b = momentsOf(
    features(`b ${name}`, m, dim).map(value => value * value),
    dim,
  )
  const { distance, means, covariances } = frechetDistance(a, b)
  // SciPy's root of a singular product is itself rounded.
  expect(Math.abs(distance - fid) / fid).toBeLessThan(1e-4)
  expect(means + covariances).toBe(distance)
  // Eigenvalues that should be 0 are about 1e-16, and their roots 1e-8.
  expect(frechetDistance(b, a).distance).toBeCloseTo(distance, 6)
})

test('of a set with itself is 0, singular or not', () => {
  for (const rows of [5, 100]) {
    const moments = momentsOf(features('same', rows, 20), 20)
    expect(Math.abs(frechetDistance(moments, moments).distance)).toBeLessThan(1e-7)
  }
})

test('of Gaussians in one dimension is the textbook value', () => {
  const moments = (mean: number, variance: number) => ({
    ...{ dim: 1, count: undefined },
    mean: Float64Array.of(mean),
    covariance: Float64Array.of(variance),
  })
  expect(frechetDistance(moments(1, 4), moments(3, 9)).distance).toBeCloseTo(4 + (3 - 2) ** 2, 12)
  expect(frechetDistance(moments(1, 0), moments(1, 9)).distance).toBeCloseTo(9, 12)
})

test('refuses features of two sizes', () => {
  const [a, b] = [4, 5].map(dim => momentsOf(features('x', 10, dim), dim))
  expect(() => frechetDistance(a!, b!)).toThrow(InvalidArgumentError)
})
