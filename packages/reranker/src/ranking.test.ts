import { describe, expect, it } from 'vitest'
import { rank } from './ranking.js'

describe('rank', () => {
  it.each([
    [[3], 0],
    [[-5, -1, -3], 1],
    [[1, 7, 7, 2], 1],
    [[0, -0], 0],
    [[-1e30, 1e-30], 1],
  ])('%j -> %i', (scores, index) => {
    expect(rank(scores)).toEqual({ index, scores })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s, naming the picture', bad => {
    expect(() => rank([1, 2, bad])).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: `the score of picture 2 is ${bad}` }),
    )
  })

  it('refuses nothing', () => {
    expect(() => rank([])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
