import { describe, expect, it } from 'vitest'
import { checkClose, difference } from './close.js'

describe('comparing the two sides', () => {
  it('measures by the largest value', () => {
    expect(difference([1, 10], [1.5, 10])).toBe(0.05)
    expect(difference([0, 0], [0, 0])).toBe(0)
  })

  it('does not take for the same what cannot be compared', () => {
    expect(() => checkClose('latents', [1, Number.NaN, 2], [1, 1, 2], 1)).toThrow('latents differs by NaN')
    expect(() => checkClose('latents', [1, 2], [1, 2, 3], 1)).toThrow('NaN')
    expect(() => checkClose('latents', [], [], 1)).toThrow('NaN')
    expect(() => checkClose('latents', [1, 2], [1, 2.1], 1e-3)).toThrow('different things')
    expect(() => checkClose('latents', [1, 2], [1, 2.001], 1e-3)).not.toThrow()
  })
})
