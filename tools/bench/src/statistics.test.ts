import { describe, expect, it } from 'vitest'
import { median, ratios, spread } from './statistics.js'

describe('statistics', () => {
  it('takes the middle value, or the mean of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('pairs the runs before it divides', () => {
    // The machine was twice as slow in the second run, for both.
    expect(ratios([10, 20], [30, 60])).toEqual({ median: 3, min: 3, max: 3 })
    expect(spread([2, 8, 3])).toEqual({ median: 3, min: 2, max: 8 })
  })
})
