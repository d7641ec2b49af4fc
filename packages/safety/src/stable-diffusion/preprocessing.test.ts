import { describe, expect, it } from 'vitest'
import { drawn } from '../fixtures/small-models.js'
import {
  checkPreprocessing,
  clipCropping,
  clipPixels,
  parseCLIPPreprocessing,
  scaledAndCropped,
} from './preprocessing.js'

/** openai/clip-vit-base-patch32's. */
const published = {
  crop_size: 224,
  do_center_crop: true,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'CLIPFeatureExtractor',
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: 224,
}

describe('parseCLIPPreprocessing', () => {
  it('reads both spellings, and what a field that is left out means', () => {
    expect(parseCLIPPreprocessing(published)).toEqual(clipCropping(224))
    const sizes = { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } }
    expect(parseCLIPPreprocessing({ ...published, ...sizes })).toEqual({ ...clipCropping(224), shortestEdge: 256 })
    expect(parseCLIPPreprocessing({})).toEqual(clipCropping(224))
  })

  const wrong: [field: string, json: unknown][] = [
    ['preprocessor_config', null],
    ['size', { ...published, size: { height: 224, width: 224 } }],
    ['size', { ...published, size: 'large' }],
    ['size.shortest_edge', { ...published, size: { shortest_edge: 1.5 } }],
    ['crop_size', { ...published, crop_size: 256 }],
    ['crop_size', { ...published, crop_size: { height: 224, width: 112 } }],
    ['crop_size', { ...published, crop_size: { width: 224 } }],
    ['do_center_crop', { ...published, do_center_crop: false }],
    ['do_resize', { ...published, do_resize: false }],
    ['resample', { ...published, resample: 2 }],
    ['image_std', { ...published, image_std: [1, 0, 1] }],
  ]
  it.each(wrong)('names %s when it is wrong or not supported', (field, json) => {
    expect(() => parseCLIPPreprocessing(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })

  it('must fit the tower', () => {
    expect(() => checkPreprocessing(clipCropping(32), 32)).not.toThrow()
    expect(() => checkPreprocessing(clipCropping(32), 16)).toThrow('32 pixels, but the vision tower takes 16')
    expect(() => checkPreprocessing({ ...clipCropping(32), shortestEdge: 30 }, 32)).toThrow('30 is less than crop_size')
  })
})

describe('scaledAndCropped', () => {
  /** Each pixel's red is its column, its green its row. */
  function positions(width: number, height: number) {
    const data = new Uint8Array(width * height * 3)
    for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 0], 3 * i)
    return { width, height, data }
  }
  const first = (image: { data: Uint8Array }) => [...image.data.subarray(0, 2)]

  it('cuts out the middle, half a pixel up and left', () => {
    expect(first(scaledAndCropped(positions(20, 10), clipCropping(10)))).toEqual([5, 0])
    expect(first(scaledAndCropped(positions(10, 21), clipCropping(10)))).toEqual([0, 5])
    const small = { ...clipCropping(10), shortestEdge: 13 }
    const cut = scaledAndCropped(positions(13, 18), small)
    expect([first(cut), cut.width, cut.height]).toEqual([[1, 4], 10, 10])
  })

  it('gives the longer side whole pixels only, rounded down', () => {
    // 333 x 217 at 224: 224 * 333 / 217 is 343.7, of which 343 are left and 59 cut off at the left.
    const { width, height, data } = scaledAndCropped(drawn(1, 333, 217), clipCropping(224))
    expect([width, height, data.length]).toEqual([224, 224, 224 * 224 * 3])
  })

  it('refuses a line, which would be made enormous', () => {
    const line = { width: 1, height: 2000, data: new Uint8Array(6000) }
    expect(() => scaledAndCropped(line, clipCropping(224))).toThrow(expect.objectContaining({ code: 'IMAGE' }))
    expect(scaledAndCropped(line, clipCropping(8)).width).toBe(8)
  })

  const data = new Uint8Array(12)
  it.each([
    ['nothing', undefined],
    ['another number of bytes', { width: 2, height: 3, data }],
    ['no pixels', { width: 0, height: 2, data: new Uint8Array(0) }],
    ['broken sizes', { width: 1.5, height: 2, data: new Uint8Array(9) }],
    ['numbers that are not bytes', { width: 2, height: 2, data: new Float32Array(12) }],
  ])('refuses %s', (_, image) => {
    expect(() => scaledAndCropped(image as never, clipCropping(2))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', argument: 'image' }),
    )
  })
})

it('clipPixels gives channels first, (x / 255 - mean) / std', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => [255, 0, 51][i % 3]!)
  const { data: out, shape } = clipPixels({ width: 2, height: 2, data }, clipCropping(2))
  expect(shape).toEqual([3, 2, 2])
  const expected = [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258, (0.2 - 0.40821073) / 0.27577711]
  expected.forEach((value, channel) => {
    for (let i = 0; i < 4; i++) expect(out[channel * 4 + i]).toBeCloseTo(value, 6)
  })
})
