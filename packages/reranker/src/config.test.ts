import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chineseCLIPBase16, parseChineseCLIPConfig } from './config.js'
import { goldens } from './fixtures/goldens.js'
import { configJson } from './fixtures/small.js'
import { ChineseCLIPNetwork } from './model/network.js'

type Part = Record<string, unknown>
const changed = (text: Part, vision: Part = {}) => ({
  ...configJson,
  text_config: { ...(configJson.text_config as Part), ...text },
  vision_config: { ...(configJson.vision_config as Part), ...vision },
})

describe('parseChineseCLIPConfig', () => {
  it('takes what a field that is left out means to transformers', () => {
    const json = { model_type: 'chinese_clip', text_config: { vocab_size: 21128 }, vision_config: { patch_size: 16 } }
    expect(parseChineseCLIPConfig(json)).toEqual(chineseCLIPBase16)
    const { text, vision } = parseChineseCLIPConfig({ model_type: 'chinese_clip', text_config: null })
    expect(text.vocabSize).toBe(30522)
    expect(vision.patchSize).toBe(32)
  })

  it('reads the sizes', () => {
    expect(parseChineseCLIPConfig(changed({ hidden_act: 'quick_gelu' }, { layer_norm_eps: 1e-6 }))).toEqual({
      text: {
        dim: 8,
        dimFF: 16,
        numLayers: 2,
        numHeads: 2,
        activation: 'quick_gelu',
        layerNormEps: 1e-12,
        vocabSize: 24,
        maxTokens: 16,
        tokenTypes: 2,
      },
      vision: {
        dim: 16,
        dimFF: 32,
        numLayers: 2,
        numHeads: 4,
        activation: 'quick_gelu',
        layerNormEps: 1e-6,
        imageSize: 32,
        patchSize: 8,
      },
      projectionDim: 12,
      languages: ['zh'],
    })
  })

  it('lets the old second copy win, as transformers does', () => {
    const json = { ...configJson, text_config_dict: { hidden_size: 20, num_attention_heads: 5 } }
    expect(parseChineseCLIPConfig(json).text).toMatchObject({ dim: 20, numHeads: 5, vocabSize: 30522 })
    expect(parseChineseCLIPConfig({ ...configJson, text_config_dict: null }).text.dim).toBe(8)
  })

  it('knows which languages the model was trained in', () => {
    expect(parseChineseCLIPConfig({ ...configJson, languages: ['zh', 'en'] }).languages).toEqual(['zh', 'en'])
  })

  const wrong: [field: string, json: unknown][] = [
    ['config', null],
    ['config', []],
    ['model_type', { ...configJson, model_type: 'clip' }],
    ['model_type', {}],
    ['text_config', { ...configJson, text_config: 'bert' }],
    ['projection_dim', { ...configJson, projection_dim: 0 }],
    ['languages', { ...configJson, languages: [] }],
    ['languages[1]', { ...configJson, languages: ['zh', 'fr'] }],
    ['text_config.hidden_size', changed({ hidden_size: '8' })],
    ['text_config.intermediate_size', changed({ intermediate_size: -1 })],
    ['text_config.num_hidden_layers', changed({ num_hidden_layers: 1.5 })],
    ['text_config.num_attention_heads', changed({ num_attention_heads: 3 })],
    ['text_config.vocab_size', changed({ vocab_size: Number.NaN })],
    ['text_config.max_position_embeddings', changed({ max_position_embeddings: 1 })],
    ['text_config.type_vocab_size', changed({ type_vocab_size: 0 })],
    ['text_config.hidden_act', changed({ hidden_act: 'relu' })],
    ['text_config.layer_norm_eps', changed({ layer_norm_eps: 0 })],
    ['text_config.position_embedding_type', changed({ position_embedding_type: 'relative_key' })],
    ['text_config.is_decoder', changed({ is_decoder: true })],
    ['vision_config.num_attention_heads', changed({}, { num_attention_heads: 5 })],
    ['vision_config.patch_size', changed({}, { patch_size: 33 })],
    ['vision_config.image_size', changed({}, { image_size: [32, 32] })],
    ['vision_config.num_channels', changed({}, { num_channels: 1 })],
    ['vision_config.hidden_act', changed({}, { hidden_act: 'gelu_new' })],
  ]
  it.each(wrong)('names %s when it is wrong', (field, json) => {
    expect(() => parseChineseCLIPConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })

  it('is checked again for sizes given in code', () => {
    const config = { ...chineseCLIPBase16, vision: { ...chineseCLIPBase16.vision, numHeads: 7 } }
    expect(() => new ChineseCLIPNetwork(config)).toThrow('must divide hidden_size, which is 768, found 7')
  })
})

const published = goldens('full-size')
it.skipIf(!published)('reads the published configuration', () => {
  const json = readFileSync(join(published!, 'chinese_clip/config.json'), 'utf8')
  expect(parseChineseCLIPConfig(JSON.parse(json))).toEqual(chineseCLIPBase16)
})
