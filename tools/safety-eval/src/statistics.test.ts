import { describe, expect, it } from 'vitest'
import { percentile, wilson } from './statistics.js'

describe('wilson', () => {
  // From statsmodels' proportion_confint(method='wilson').
  it.each([
    [0, 10, 0, 0.27753],
    [5, 10, 0.23659, 0.76341],
    [10, 10, 0.72247, 1],
    [1, 100, 0.00177, 0.05449],
    [45, 1000, 0.03379, 0.0597],
  ])('%i of %i', (hits, count, low, high) => {
    const interval = wilson(hits, count)
    expect(interval.rate).toBeCloseTo(hits / count, 12)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('knows nothing of nothing', () => {
    expect(wilson(0, 0)).toEqual({ rate: Number.NaN, low: 0, high: 1 })
  })
})

describe('percentile', () => {
  it('is the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([0.5, 0.95, 1, 0].map(p => percentile(values, p))).toEqual([50, 95, 100, 1])
    expect(percentile([3], 0.95)).toBe(3)
  })
})
