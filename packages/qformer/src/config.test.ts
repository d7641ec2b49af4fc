import { type ConfigError, isVisCPMError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { beit3Large, parseQFormerConfig } from './config.js'
import { configJson } from './fixtures/load.js'
import { QFormerNetwork } from './model/network.js'

describe('parseQFormerConfig', () => {
  it('reads the sizes of a checkpoint', () => {
    expect(parseQFormerConfig(configJson('qformer-b'))).toEqual({
      imageSize: 48,
      patchSize: 16,
      dim: 40,
      dimFF: 120,
      numLayers: 2,
      numHeads: 5,
      queryNum: 5,
      dimModel: 32,
      textVocab: 16,
      mimHead: [40, 16],
    })
    expect(parseQFormerConfig(configJson('chat-tiny'))).toMatchObject({ imageSize: 56, patchSize: 14, queryNum: 8 })
  })

  it('fills in what all published models share', () => {
    const json = {
      cpm_bee: { dim_model: 4096 },
      beit3: { img_size: 224, dim: 1024, heads: 16, layers: 24 },
      query_num: 64,
    }
    expect(parseQFormerConfig(json)).toEqual(beit3Large)
  })

  const wrong: [field: string, change: (json: Record<string, Record<string, unknown>>) => unknown][] = [
    ['config', () => null],
    ['config', () => []],
    ['beit3', ({ beit3: _, ...rest }) => rest],
    ['beit3', json => ({ ...json, beit3: 'large' })],
    ['cpm_bee', ({ cpm_bee: _, ...rest }) => rest],
    ['cpm_bee.dim_model', json => ({ ...json, cpm_bee: {} })],
    ['query_num', json => ({ ...json, query_num: undefined })],
    ['query_num', json => ({ ...json, query_num: 1023 })],
    ['image_size', json => ({ ...json, image_size: 64 })],
    ['beit3.img_size', json => ({ ...json, beit3: { ...json.beit3, img_size: '48' } })],
    ['beit3.dim', json => ({ ...json, beit3: { ...json.beit3, dim: 0 } })],
    ['beit3.heads', json => ({ ...json, beit3: { ...json.beit3, heads: 7 } })],
    ['beit3.layers', json => ({ ...json, beit3: { ...json.beit3, layers: 1.5 } })],
    ['beit3.patch', json => ({ ...json, beit3: { ...json.beit3, patch: 49 } })],
    ['beit3.mlp_ratio', json => ({ ...json, beit3: { ...json.beit3, mlp_ratio: Number.POSITIVE_INFINITY } })],
    ['beit3.mlp_ratio', json => ({ ...json, beit3: { ...json.beit3, mlp_ratio: 0 } })],
    ['beit3.mim_head', json => ({ ...json, beit3: { ...json.beit3, mim_head: [40] } })],
    ['beit3.mim_head[1]', json => ({ ...json, beit3: { ...json.beit3, mim_head: [40, -1] } })],
    ['beit3.text_vocab', json => ({ ...json, beit3: { ...json.beit3, text_vocab: Number.NaN } })],
  ]
  it.each(wrong)('names %s when it is wrong', (field, change) => {
    const json = change(configJson('qformer-b') as Record<string, Record<string, unknown>>)
    expect(() => parseQFormerConfig(json)).toThrow(expect.objectContaining({ name: 'ConfigError', field }))
  })

  it('is checked again for sizes given in code', () => {
    try {
      new QFormerNetwork({ ...beit3Large, numHeads: 15 })
      expect.unreachable()
    } catch (error) {
      expect(isVisCPMError(error, 'CONFIG')).toBe(true)
      expect((error as ConfigError).message).toContain('must divide beit3.dim, which is 1024, found 15')
    }
  })
})
