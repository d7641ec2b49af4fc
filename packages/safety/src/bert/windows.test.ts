import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windows } from './windows.js'

const text = (inner: number) => [-1, ...Array.from({ length: inner }, (_, i) => i), -2]

describe('windows', () => {
  it('leaves alone what fits', () => {
    expect(windows(text(6), 8, 3)).toEqual([text(6)])
    expect(windows(text(0), 8, 3)).toEqual([[-1, -2]])
  })

  it('overlaps, and ends with the text', () => {
    expect(windows(text(7), 8, 2)).toEqual([
      [-1, 0, 1, 2, 3, 4, 5, -2],
      [-1, 1, 2, 3, 4, 5, 6, -2],
    ])
    expect(windows(text(11), 6, 1).map(w => w.slice(1, -1))).toEqual([
      [0, 1, 2, 3],
      [3, 4, 5, 6],
      [6, 7, 8, 9],
      [7, 8, 9, 10],
    ])
  })

  it('shows every piece up to the overlap whole in one of them, and never more than fits', () => {
    const sizes = fc
      .record({
        inner: fc.nat(300),
        maxTokens: fc.integer({ min: 3, max: 40 }),
        share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      })
      .map(s => ({ ...s, overlap: Math.floor(s.share * (s.maxTokens - 2)) }))
    fc.assert(
      fc.property(sizes, ({ inner, maxTokens, overlap }) => {
        const found = windows(text(inner), maxTokens, overlap)
        for (const window of found) {
          expect([window[0], window.at(-1)]).toEqual([-1, -2])
          expect(window.length).toBeLessThanOrEqual(maxTokens)
        }
        const piece = Math.max(1, overlap)
        for (let at = 0; at + piece <= inner; at++)
          expect(found.some(w => w.includes(at) && w.includes(at + piece - 1))).toBe(true)
        expect(found.length).toBeLessThanOrEqual(1 + Math.ceil(inner / (maxTokens - 2 - overlap)))
      }),
    )
  })
})
