import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distilledTimesteps } from './distilled.js'
import { solverTimesteps } from './dpm-schedule.js'
import { linspace, roundHalfEven, spacedTimesteps } from './spacing.js'

// What numpy 2.4 gives for diffusers' expressions.
describe('timesteps', () => {
  it('are rounded as numpy rounds', () => {
    expect([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 0, 2, 3])
  })

  it('are spread in three ways', () => {
    const spaced = (timestepSpacing: 'leading' | 'trailing' | 'linspace', stepsOffset = 0) =>
      spacedTimesteps({ timestepSpacing, stepsOffset }, 1000, 7)
    expect(spaced('leading')).toEqual([852, 710, 568, 426, 284, 142, 0])
    expect(spaced('leading', 1)).toEqual([853, 711, 569, 427, 285, 143, 1])
    expect(spaced('trailing')).toEqual([999, 856, 713, 570, 428, 285, 142])
    expect(spaced('linspace')).toEqual([999, 832.5, 666, 499.5, 333, 166.5, 0])
  })

  it('leave out the lowest for solvers that end there', () => {
    const spaced = (timestepSpacing: 'leading' | 'trailing' | 'linspace') =>
      solverTimesteps({ timestepSpacing, stepsOffset: 1 }, 1000, 4)
    expect(spaced('linspace')).toEqual([999, 749, 500, 250])
    expect(spaced('leading')).toEqual([801, 601, 401, 201])
    expect(spaced('trailing')).toEqual([999, 749, 499, 249])
  })

  it('of distilled models are among those they were distilled on', () => {
    expect(distilledTimesteps(1000, 50, 4)).toEqual([999, 759, 499, 259])
    expect(() => distilledTimesteps(1000, 50, 51)).toThrow('must be at most 50')
    expect(() => distilledTimesteps(40, 50, 4)).toThrow('original_inference_steps')
  })

  it('are as many as the steps, the noisiest first', () => {
    const spacing = fc.constantFrom('leading', 'trailing', 'linspace')
    fc.assert(
      fc.property(
        spacing,
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (s, total, part) => {
          const steps = Math.max(1, Math.round(total * part))
          const timesteps = spacedTimesteps({ timestepSpacing: s as 'leading', stepsOffset: 0 }, total, steps)
          expect(timesteps.length).toBe(steps)
          expect(timesteps.every((t, i) => t >= 0 && t < total && (i === 0 || t < timesteps[i - 1]!))).toBe(true)
        },
      ),
    )
  })
})

it('linspace has both its ends', () => {
  expect(linspace(0, 1, 1)).toEqual([0])
  expect(linspace(2, 8, 4)).toEqual([2, 4, 6, 8])
})
