import { describe, expect, it } from 'vitest'
import { batches, tokensPerRun } from './batches.js'

const filled = (n: number, length: number): number[] => new Array(n).fill(length)

describe('batches', () => {
  it('puts the default four pictures of the published model into one', () => {
    expect(batches(filled(4, 197))).toEqual([[0, 4]])
    expect(batches(filled(11, 197))).toEqual([
      [0, 5],
      [5, 10],
      [10, 11],
    ])
  })

  it('runs items that are too long alone', () => {
    expect(batches([5, tokensPerRun + 1, 5])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
  })

  it('counts what is filled up, never goes over the bound, and leaves nothing out', () => {
    const lengths = Array.from({ length: 300 }, (_, i) => 1 + ((i * 37) % 211))
    const found = batches(lengths)
    let at = 0
    for (const [first, end] of found) {
      expect(first).toBe(at)
      expect(Math.max(...lengths.slice(first, end)) * (end - first)).toBeLessThanOrEqual(tokensPerRun)
      at = end
    }
    expect(at).toBe(lengths.length)
    expect(batches([])).toEqual([])
  })
})
