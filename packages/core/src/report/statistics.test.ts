import { expect, it } from 'vitest'
import { mean, quantile } from './statistics.js'

it("gives NumPy's numbers", () => {
  // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0, .25, .5, .9, 1])
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  const found = [0, 0.25, 0.5, 0.9, 1].map(share => quantile(values, share))
  for (const [i, expected] of [1, 1.75, 3.5, 6.9, 9].entries()) expect(found[i]).toBeCloseTo(expected, 12)
  expect(mean(values)).toBe(3.875)
  expect(quantile([], 0.5)).toBeNaN()
})
