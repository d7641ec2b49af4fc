import { describe, expect, it } from 'vitest'
import { conceptScores } from './scores.js'

const compared = (scores: readonly number[], threshold = 0.25) => ({
  cosines: scores.map(score => score + threshold),
  thresholds: scores.map(() => threshold),
})
const none = compared([-0.5, -0.5, -0.5])

describe('conceptScores', () => {
  it('rounds to 3 decimals before it compares with 0', () => {
    const { concepts, conceptHits } = conceptScores(compared([0.0004, 0.0006, -0.0004, 0.25]), none)
    expect(concepts).toEqual([0, 0.001, 0, 0.25])
    expect(conceptHits).toEqual([1, 3])
  })

  it('rounds a half to the even number', () => {
    const exact = (cosines: number[]) => ({ cosines, thresholds: cosines.map(() => 0) })
    // Eighths of a thousandth times 8 are whole in binary: 0.0625 * 1000 is 62.5.
    const { concepts } = conceptScores(exact([0.0625, 0.1875, -0.0625, -0.1875, 0.3125]), none)
    expect(concepts).toEqual([0.062, 0.188, -0.062, -0.188, 0.312])
  })

  it('a hit of special care lowers the bar for those after it, and for all concepts', () => {
    const { specialCare, specialCareHits, adjustment, conceptHits, flagged } = conceptScores(
      compared([-0.005, -0.02, -0.009]),
      compared([-0.005, 0.02, -0.005]),
    )
    expect(specialCare).toEqual([-0.005, 0.02, 0.005])
    expect(specialCareHits).toEqual([1, 2])
    expect(adjustment).toBe(0.01)
    expect(conceptHits).toEqual([0, 2])
    expect(flagged).toBe(true)
  })

  it('adds it once, however many are hit', () => {
    expect(conceptScores(compared([0.1]), compared([0.3, 0.3, 0.3]))).toMatchObject({
      concepts: [0.11],
      specialCare: [0.3, 0.31, 0.31],
    })
  })

  it('special care alone flags nothing', () => {
    const { flagged, conceptHits, specialCareHits } = conceptScores(compared([-0.02]), compared([0.1, -1, -1]))
    expect({ flagged, conceptHits, specialCareHits }).toEqual({ flagged: false, conceptHits: [], specialCareHits: [0] })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s, which would compare as no hit', bad => {
    expect(() => conceptScores(compared([-0.1, bad]), none)).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: expect.stringContaining('the score of concept 1') }),
    )
    expect(() => conceptScores(none, compared([bad, 0, 0]))).toThrow('the score of special-care concept 0')
    expect(() => conceptScores({ cosines: [0], thresholds: [bad] }, none)).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    )
  })
})
