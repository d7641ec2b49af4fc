import { describe, expect, it } from 'vitest'
import { divergence } from './divergence.js'

describe('divergence of logits', () => {
  it('is what the definition gives', () => {
    // p = [.5, .3, .2], q = [.4, .4, .2]: sum p ln(p/q), by hand
    const p = [0.5, 0.3, 0.2].map(Math.log)
    const q = [0.4, 0.4, 0.2].map(Math.log)
    const expected = 0.5 * Math.log(0.5 / 0.4) + 0.3 * Math.log(0.3 / 0.4)
    const found = divergence(p, q, 1)
    expect(found.kl).toBeCloseTo(expected, 12)
    expect(found.logProb[0]).toBeCloseTo(Math.log(0.3), 12)
    expect(found.logProb[1]).toBeCloseTo(Math.log(0.4), 12)
    // Logits are known up to a constant.
    const moved = divergence(
      p.map(v => v + 100),
      q.map(v => v - 40),
    )
    expect(moved.kl).toBeCloseTo(expected, 10)
    expect(moved.largest).toBeCloseTo(found.largest, 10)
    expect(divergence(p, p)).toEqual({ kl: 0, agrees: true, largest: 0, logProb: [Number.NaN, Number.NaN] })
  })

  it('tells whether the likeliest token is the same, the first of equals, and how far logits are apart', () => {
    expect(divergence([1, 3, 2], [0, 1, 2]).agrees).toBe(false)
    expect(divergence([1, 3, 3], [0, 2, 1]).agrees).toBe(true)
    // Means 2 and 1: shifted, [-1, 1, 0] and [-1, 0, 1].
    expect(divergence([1, 3, 2], [0, 1, 2]).largest).toBeCloseTo(1, 12)
  })

  it('bears what may not be said in both, and large logits', () => {
    const gone = Number.NEGATIVE_INFINITY
    const found = divergence([0, gone, 0], [0, gone, -3])
    expect(found.kl).toBeGreaterThan(0)
    expect(found.largest).toBeCloseTo(1.5, 12)
    expect(divergence([900, 0], [880, 0]).kl).toBeCloseTo(0, 6)
    expect(() => divergence([1, 2], [1])).toThrow(/logits/)
    expect(() => divergence([], [])).toThrow(/logits/)
  })
})
