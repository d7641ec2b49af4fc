import { InvalidArgumentError, NonFiniteError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { features } from '../fixtures/uniform.js'
import { MomentSums, momentsOf } from './moments.js'

const dim = 7
const all = features('moments', 53, dim).map(value => value + 1000)

/** Two passes, as the definition has it. */
function direct(): { mean: number[]; covariance: number[] } {
  const rows = all.length / dim
  const at = (r: number, i: number) => all[r * dim + i]!
  const mean = Array.from({ length: dim }, (_, i) => {
    let sum = 0
    for (let r = 0; r < rows; r++) sum += at(r, i)
    return sum / rows
  })
  const covariance = Array.from({ length: dim * dim }, (_, ij) => {
    const [i, j] = [Math.floor(ij / dim), ij % dim]
    let sum = 0
    for (let r = 0; r < rows; r++) sum += (at(r, i) - mean[i]!) * (at(r, j) - mean[j]!)
    return sum / (rows - 1)
  })
  return { mean, covariance }
}

const close = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 9) => {
  expect(a.length).toBe(b.length)
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, digits)
}

test('batches of any size, and shards merged, are the definition', () => {
  const expected = direct()
  const whole = momentsOf(all, dim)
  close(whole.mean, expected.mean)
  close(whole.covariance, expected.covariance)
  const shards = [0, 1, 20].map((from, i, starts) => {
    const sums = new MomentSums(dim)
    const part = all.subarray(from * dim, (starts[i + 1] ?? 53) * dim)
    for (let at = 0; at < part.length; at += 6 * dim) sums.add(part.subarray(at, at + 6 * dim))
    return sums
  })
  const [first, ...others] = shards
  for (const other of others) first!.merge(other)
  first!.merge(new MomentSums(dim))
  const merged = first!.moments()
  expect(merged.count).toBe(53)
  close(merged.mean, expected.mean)
  close(merged.covariance, expected.covariance)
})

test('what is wrong is told, and adds nothing', () => {
  const sums = new MomentSums(2)
  expect(() => sums.add(new Float32Array(3))).toThrow(InvalidArgumentError)
  expect(() => sums.add(Float32Array.of(1, 2, 3, Number.NaN))).toThrow(NonFiniteError)
  expect(sums.count).toBe(0)
  expect(() => sums.merge(new MomentSums(3))).toThrow(InvalidArgumentError)
  sums.add(Float32Array.of(1, 2))
  expect(() => sums.moments()).toThrow('two pictures or more, not 1')
  expect(() => new MomentSums(0)).toThrow(InvalidArgumentError)
})
