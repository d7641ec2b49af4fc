import { describe, expect, it } from 'vitest'
import { checkTextTower, checkVisionTower, parseTextTower, parseVisionTower, pictureTokens } from './towers.js'

describe('parseTextTower', () => {
  it("has BERT's sizes for what is left out or null", () => {
    expect(parseTextTower({ hidden_size: 24, vocab_size: null })).toEqual({
      dim: 24,
      dimFF: 3072,
      numLayers: 12,
      numHeads: 12,
      activation: 'gelu',
      layerNormEps: 1e-12,
      vocabSize: 30522,
      maxTokens: 512,
      tokenTypes: 2,
    })
  })

  it.each([
    ['hidden_size', { hidden_size: 1.5 }],
    ['hidden_act', { hidden_act: 'relu' }],
    ['layer_norm_eps', { layer_norm_eps: Number.NaN }],
    ['is_decoder', { is_decoder: true }],
    ['type_vocab_size', { type_vocab_size: 0 }],
  ])('names %s, with what stands before it', (field, json) => {
    expect(() => parseTextTower(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
    expect(() => parseTextTower(json, 'text_config.')).toThrow(`text_config.${field}: `)
  })

  it('sizes must fit together', () => {
    const tower = parseTextTower({})
    expect(() => checkTextTower(tower)).not.toThrow()
    expect(() => checkTextTower({ ...tower, numHeads: 5 })).toThrow('num_attention_heads: must divide hidden_size')
    expect(() => checkTextTower({ ...tower, maxTokens: 1 })).toThrow('max_position_embeddings: must be at least 2')
  })
})

describe('parseVisionTower', () => {
  it("has CLIP's sizes for what is left out", () => {
    const tower = parseVisionTower({ patch_size: 14, image_size: 225 })
    expect(tower).toMatchObject({ dim: 768, activation: 'quick_gelu', layerNormEps: 1e-5, patchSize: 14 })
    expect(pictureTokens(tower)).toBe(257)
  })

  it('takes colour pictures only', () => {
    expect(() => parseVisionTower({ num_channels: 1 }, 'vision_config.')).toThrow(
      'vision_config.num_channels: 3 is needed',
    )
  })

  it('sizes must fit together', () => {
    const tower = parseVisionTower({})
    expect(() => checkVisionTower(tower)).not.toThrow()
    expect(() => checkVisionTower({ ...tower, patchSize: 225 })).toThrow('patch_size: must be at most image_size')
    expect(() => checkVisionTower({ ...tower, numHeads: 5 })).toThrow('num_attention_heads')
  })
})
