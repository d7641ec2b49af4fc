import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numel } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { goldens } from '../fixtures/goldens.js'
import { safetyCheckerJson } from '../fixtures/small-models.js'
import { parseSafetyCheckerConfig, safetyCheckerLarge14 } from './config.js'
import { SafetyCheckerNetwork } from './network.js'

const vision = safetyCheckerJson.vision_config as Record<string, unknown>
const changed = (more: object) => ({ ...safetyCheckerJson, vision_config: { ...vision, ...more } })

describe('parseSafetyCheckerConfig', () => {
  it('reads the sizes', () => {
    expect(parseSafetyCheckerConfig(safetyCheckerJson)).toEqual({
      vision: {
        dim: 16,
        dimFF: 32,
        numLayers: 2,
        numHeads: 4,
        activation: 'quick_gelu',
        layerNormEps: 1e-5,
        imageSize: 32,
        patchSize: 8,
      },
      projectionDim: 12,
    })
  })

  it('lets the old second copy win, as transformers does', () => {
    const json = {
      model_type: 'clip',
      projection_dim: 768,
      vision_config: { hidden_size: 8 },
      vision_config_dict: {
        hidden_size: 1024,
        intermediate_size: 4096,
        num_attention_heads: 16,
        num_hidden_layers: 24,
        patch_size: 14,
      },
    }
    expect(parseSafetyCheckerConfig(json)).toEqual(safetyCheckerLarge14)
  })

  const wrong: [field: string, json: unknown][] = [
    ['config', null],
    ['model_type', { ...safetyCheckerJson, model_type: 'bert' }],
    ['architectures', { ...safetyCheckerJson, architectures: ['CLIPModel'] }],
    ['vision_config', { ...safetyCheckerJson, vision_config: 'vit' }],
    ['projection_dim', { ...safetyCheckerJson, projection_dim: 0 }],
    ['vision_config.num_attention_heads', changed({ num_attention_heads: 3 })],
    ['vision_config.hidden_act', changed({ hidden_act: 'relu' })],
    ['vision_config.patch_size', changed({ patch_size: 33 })],
  ]
  it.each(wrong)('names %s when it is wrong', (field, json) => {
    expect(() => parseSafetyCheckerConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })

  it('is checked again for sizes given in code', () => {
    const config = { ...safetyCheckerLarge14, vision: { ...safetyCheckerLarge14.vision, numHeads: 7 } }
    expect(() => new SafetyCheckerNetwork(config)).toThrow('must divide hidden_size, which is 1024, found 7')
  })
})

it('describes 304 million parameters', () => {
  const parameters = [...new SafetyCheckerNetwork(safetyCheckerLarge14).namedParameters().values()]
  expect(parameters.reduce((sum, { shape }) => sum + numel(shape), 0)).toBe(303_981_588)
})

const published = goldens('full-size/safety_checker')
it.skipIf(!published)('reads the published configuration', () => {
  const json = readFileSync(join(published!, 'config.json'), 'utf8')
  expect(parseSafetyCheckerConfig(JSON.parse(json))).toEqual(safetyCheckerLarge14)
})
