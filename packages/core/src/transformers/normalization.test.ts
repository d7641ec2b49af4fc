import { describe, expect, it } from 'vitest'
import { clipNormalization, parseNormalization } from './normalization.js'

describe('parseNormalization', () => {
  it("has CLIP's numbers for what is left out", () => {
    expect(parseNormalization({})).toEqual(clipNormalization)
    expect(parseNormalization({ image_mean: [0, 0.5, 1], image_std: [1, 2, 3], resample: 3, do_resize: true })).toEqual(
      {
        mean: [0, 0.5, 1],
        std: [1, 2, 3],
      },
    )
  })

  it.each([
    ['do_resize', { do_resize: false }],
    ['do_rescale', { do_rescale: false }],
    ['do_normalize', { do_normalize: false }],
    ['resample', { resample: 2 }],
    ['rescale_factor', { rescale_factor: 1 / 256 }],
    ['image_mean', { image_mean: [0.5] }],
    ['image_mean', { image_mean: [0, 0, Number.NaN] }],
    ['image_std', { image_std: [0.2, 0, 0.2] }],
  ])('names %s when it is wrong or not supported', (field, json) => {
    expect(() => parseNormalization(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })
})
