import { describe, expect, it } from 'vitest'
import { labelScores } from './labels.js'

describe('labelScores', () => {
  it('is softmax, the highest first', () => {
    const scores = labelScores([0, Math.log(3)], ['a', 'b'])
    expect(scores.map(x => x.label)).toEqual(['b', 'a'])
    expect(scores[0]!.score).toBeCloseTo(0.75, 6)
    expect(scores[1]!.score).toBeCloseTo(0.25, 6)
  })

  it('keeps the order of equal ones, and does not overflow', () => {
    expect(labelScores([7, 7, 7, 7], ['a', 'b', 'c', 'd']).map(x => x.label)).toEqual(['a', 'b', 'c', 'd'])
    expect(labelScores([-3e38, 3e38], ['a', 'b'])).toEqual([
      { label: 'b', score: 1 },
      { label: 'a', score: 0 },
    ])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s', bad => {
    expect(() => labelScores([0, bad], ['a', 'b'])).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: `the logit of b is ${bad}` }),
    )
  })
})
