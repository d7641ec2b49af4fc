import { expect, it } from 'vitest'
import { quantile, theilSen } from './slope.js'

it('finds the growth under bursts', () => {
  const points = Array.from({ length: 60 }, (_, x) => ({ x, y: 100 + 0.5 * x + (x % 10 === 3 ? 400 : 0) }))
  expect(theilSen(points)).toBeCloseTo(0.5, 6)
  expect(theilSen([{ x: 1, y: 5 }])).toBeNaN()
  expect(
    theilSen([
      { x: 1, y: 5 },
      { x: 1, y: 9 },
      { x: 2, y: 5 },
    ]),
  ).toBe(-2)
})

it('gives quantiles as they were measured', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i)
  expect([0, 0.5, 0.99, 1].map(share => quantile(values, share))).toEqual([1, 100, 198, 200])
  expect(quantile([], 0.5)).toBeNaN()
})
