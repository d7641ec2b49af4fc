import { InvalidArgumentError } from '@viscpm/core'
import { randomNumbers } from '@viscpm/core/random'
import { mean } from '@viscpm/core/report'
import { expect, test } from 'vitest'
import { bootstrap } from './bootstrap.js'

test('the interval of a mean is as wide as the normal approximation says', () => {
  const random = randomNumbers(7)
  const values = Array.from({ length: 400 }, () => random())
  const { value, low, high } = bootstrap(values, mean, { resamples: 2000 })
  const half = (1.96 * Math.sqrt(1 / 12)) / Math.sqrt(400)
  expect(value).toBeCloseTo(mean(values), 12)
  expect(high - low).toBeGreaterThan(1.8 * half)
  expect(high - low).toBeLessThan(2.2 * half)
})

test('items stay whole: the difference of equal columns has no spread', () => {
  const pairs = [1, 5, 2, 9, 4].map(v => [v, v + 1] as const)
  const difference = (items: readonly (readonly [number, number])[]) =>
    mean(items.map(([, b]) => b)) - mean(items.map(([a]) => a))
  const { value, low, high } = bootstrap(pairs, difference)
  expect([value, low, high].map(v => Math.round(v * 1e9) / 1e9)).toEqual([1, 1, 1])
})

test('a wider confidence is a wider interval, and a seed decides', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  const narrow = bootstrap(values, mean, { confidence: 0.5, seed: 3 })
  const wide = bootstrap(values, mean, { confidence: 0.99, seed: 3 })
  expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
  expect(bootstrap(values, mean, { seed: 3 })).toEqual(bootstrap(values, mean, { seed: 3 }))
})

test('one item has no interval; settings out of range are refused', () => {
  expect(bootstrap([4], mean)).toEqual({ value: 4, low: Number.NaN, high: Number.NaN })
  expect(() => bootstrap([1, 2], mean, { resamples: 0 })).toThrow(InvalidArgumentError)
  expect(() => bootstrap([1, 2], mean, { confidence: 1 })).toThrow(InvalidArgumentError)
})
