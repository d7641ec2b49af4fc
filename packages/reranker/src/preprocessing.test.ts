import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharpCodec } from '@viscpm/core/node'
import { describe, expect, it } from 'vitest'
import { goldens } from './fixtures/goldens.js'
import { drawn, preprocessorJson } from './fixtures/small.js'
import {
  checkPreprocessing,
  clipPreprocessing,
  parsePreprocessorConfig,
  preprocess,
  squashed,
} from './preprocessing.js'

const published = {
  crop_size: { height: 224, width: 224 },
  do_center_crop: false,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'ChineseCLIPFeatureExtractor',
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: { height: 224, width: 224 },
}

describe('parsePreprocessorConfig', () => {
  it("reads the published model's, which are CLIP's numbers", () => {
    expect(parsePreprocessorConfig(published)).toEqual(clipPreprocessing(224))
    expect(
      parsePreprocessorConfig({ ...published, do_center_crop: true, rescale_factor: 0.00392156862745098 }),
    ).toEqual(clipPreprocessing(224))
    expect(parsePreprocessorConfig({ ...published, do_center_crop: true, crop_size: 224 })).toEqual(
      clipPreprocessing(224),
    )
  })

  it('reads other sizes and numbers', () => {
    expect(parsePreprocessorConfig(preprocessorJson)).toEqual(clipPreprocessing(32))
    const other = {
      ...preprocessorJson,
      size: { height: 20, width: 30 },
      image_mean: [0, 0.5, 1],
      image_std: [1, 2, 3],
    }
    expect(parsePreprocessorConfig(other)).toEqual({ height: 20, width: 30, mean: [0, 0.5, 1], std: [1, 2, 3] })
  })

  const wrong: [field: string, json: unknown][] = [
    ['preprocessor_config', null],
    ['size', { ...published, size: undefined }],
    ['size', { ...published, size: 224 }],
    ['size', { ...published, size: { shortest_edge: 224 } }],
    ['size.height', { ...published, size: { height: 0, width: 224 } }],
    ['size.width', { ...published, size: { height: 224, width: '224' } }],
    ['crop_size', { ...published, do_center_crop: true, crop_size: { height: 196, width: 196 } }],
    ['crop_size', { ...preprocessorJson, do_center_crop: undefined }],
    ['resample', { ...published, resample: 2 }],
    ['do_resize', { ...published, do_resize: false }],
    ['do_rescale', { ...published, do_rescale: false }],
    ['do_normalize', { ...published, do_normalize: false }],
    ['rescale_factor', { ...published, rescale_factor: 1 / 256 }],
    ['image_mean', { ...published, image_mean: [0.5] }],
    ['image_mean', { ...published, image_mean: 0.5 }],
    ['image_std', { ...published, image_std: [0.2, 0, 0.2] }],
    ['image_std', { ...published, image_std: [0.2, null, 0.2] }],
  ]
  it.each(wrong)('names %s when it is wrong or not supported', (field, json) => {
    expect(() => parsePreprocessorConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })

  it('must fit the tower', () => {
    expect(() => checkPreprocessing(clipPreprocessing(32), 32)).not.toThrow()
    expect(() => checkPreprocessing({ ...clipPreprocessing(32), height: 16 }, 32)).toThrow('16 x 32 pixels')
  })
})

describe('preprocess', () => {
  it('squashes without cropping: a border survives on all sides', () => {
    const [width, height] = [60, 20]
    const data = new Uint8Array(width * height * 3)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (x < 6 || x >= width - 6 || y < 2 || y >= height - 2)
          data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3)
    const small = squashed({ width, height, data }, clipPreprocessing(10))
    const red = (x: number, y: number) => small.data[3 * (y * 10 + x)]!
    for (let i = 0; i < 10; i++)
      for (const at of [red(i, 0), red(i, 9), red(0, i), red(9, i)]) expect(at).toBeGreaterThan(200)
    expect(red(5, 5)).toBe(0)
  })

  it('gives channels first, (x / 255 - mean) / std', () => {
    const data = Uint8Array.from({ length: 12 }, (_, i) => [255, 0, 51][i % 3]!)
    const { data: out, shape } = preprocess({ width: 2, height: 2, data }, clipPreprocessing(2))
    expect(shape).toEqual([3, 2, 2])
    const expected = [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258, (0.2 - 0.40821073) / 0.27577711]
    expected.forEach((value, channel) => {
      for (let i = 0; i < 4; i++) expect(out[channel * 4 + i]).toBeCloseTo(value, 6)
    })
  })

  it('leaves a picture of the right size as it is', () => {
    const image = drawn(1, 32, 32)
    expect(squashed(image, clipPreprocessing(32)).data).toEqual(image.data)
  })
})

const recorded = goldens('reranker')
describe.skipIf(!recorded)('recorded pictures', () => {
  const names = recorded
    ? readdirSync(join(recorded, 'preprocessed_u8')).map(file => file.replace(/^pre_|\.png$/g, ''))
    : []
  it('are there', () => expect(names.length).toBeGreaterThan(1))
  it.each(names)('%s is squashed to the recorded bytes', async name => {
    const open = async (folder: string) => sharpCodec().decode(readFileSync(join(recorded!, folder, `pre_${name}.png`)))
    const { data } = squashed(await open('images'), clipPreprocessing(224))
    expect(Buffer.compare(data, (await open('preprocessed_u8')).data)).toBe(0)
  })
})
