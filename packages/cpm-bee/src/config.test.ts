import { ConfigError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { cpmBee10b, parseCpmBeeConfig } from './config.js'

const json = { vocab_size: 100, dim_model: 8, dim_ff: 20, num_layers: 2, num_heads: 2, dim_head: 4 }

function failure(value: unknown): ConfigError {
  try {
    parseCpmBeeConfig(value)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('did not fail')
}

describe('configuration', () => {
  it("fills in upstream's defaults", () => {
    expect(parseCpmBeeConfig(json)).toEqual({
      vocabSize: 100,
      dimModel: 8,
      dimFF: 20,
      numLayers: 2,
      numHeads: 2,
      dimHead: 4,
      positionBiasNumBuckets: 256,
      positionBiasNumSegmentBuckets: 256,
      positionBiasMaxDistance: 2048,
      eps: 1e-6,
      half: true,
    })
  })

  it('reads the published file', () => {
    const published = {
      vocab_size: 86583,
      dim_model: 4096,
      dim_ff: 10240,
      num_layers: 48,
      num_heads: 32,
      dim_head: 128,
      dropout_p: 0.0,
      position_bias_num_buckets: 256,
      position_bias_num_segment_buckets: 256,
      position_bias_max_distance: 2048,
      eps: 1e-6,
      half: true,
    }
    expect(parseCpmBeeConfig(published)).toEqual(cpmBee10b)
  })

  it.each([
    ['vocab_size', undefined],
    ['dim_model', '8'],
    ['dim_ff', 0],
    ['num_layers', 1.5],
    ['num_heads', -2],
    ['dim_head', Number.NaN],
    ['eps', 0],
    ['eps', '1e-6'],
    ['dim_model', 7],
    ['mask_modules', [[false, false]]],
    ['mask_modules', 'none'],
  ])('names the wrong field: %s = %j', (field, value) => {
    const { [field as 'dim_ff']: _, ...rest } = json
    const failed = failure(value === undefined ? rest : { ...json, [field]: value })
    expect(failed.field).toBe(`cpm_bee.${field}`)
  })

  it('refuses what is no object', () => {
    for (const value of [undefined, null, 'x', 5]) expect(failure(value).field).toBe('cpm_bee')
  })

  it('reads which halves of a layer are left out', () => {
    const masks = [
      [true, false],
      [false, true],
    ]
    expect(parseCpmBeeConfig({ ...json, mask_modules: masks }).maskModules).toEqual(masks)
    expect(parseCpmBeeConfig({ ...json, mask_modules: null }).maskModules).toBeUndefined()
  })
})
