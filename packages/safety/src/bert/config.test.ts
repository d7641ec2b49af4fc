import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numel } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { goldens } from '../fixtures/goldens.js'
import { bertJson } from '../fixtures/small-models.js'
import { parseBertClassifierConfig } from './config.js'
import { BertClassifierNetwork } from './network.js'

describe('parseBertClassifierConfig', () => {
  it('takes what a field that is left out means to transformers', () => {
    const { text, labels } = parseBertClassifierConfig({ model_type: 'bert' })
    expect(text).toMatchObject({ dim: 768, vocabSize: 30522, maxTokens: 512, activation: 'gelu', layerNormEps: 1e-12 })
    expect(labels).toEqual(['LABEL_0', 'LABEL_1'])
    expect(parseBertClassifierConfig({ model_type: 'bert', num_labels: 3 }).labels).toHaveLength(3)
  })

  it('reads sizes and labels', () => {
    const json = { ...bertJson, id2label: { 1: 'unsafe', 0: 'safe', 2: 'other' } }
    expect(parseBertClassifierConfig(json)).toEqual({
      text: {
        dim: 8,
        dimFF: 16,
        numLayers: 2,
        numHeads: 2,
        activation: 'gelu',
        layerNormEps: 1e-12,
        vocabSize: 12,
        maxTokens: 16,
        tokenTypes: 2,
      },
      labels: ['safe', 'unsafe', 'other'],
    })
  })

  const wrong: [field: string, json: unknown][] = [
    ['config', []],
    ['model_type', { ...bertJson, model_type: 'roberta' }],
    ['architectures', { ...bertJson, architectures: ['BertForMaskedLM'] }],
    ['problem_type', { ...bertJson, problem_type: 'multi_label_classification' }],
    ['function_to_apply', { ...bertJson, function_to_apply: 'sigmoid' }],
    ['num_labels', { ...bertJson, num_labels: 1 }],
    ['id2label', { ...bertJson, id2label: { 0: 'one' } }],
    ['id2label', { ...bertJson, id2label: { 0: 'same', 1: 'same' } }],
    ['id2label.1', { ...bertJson, id2label: { 0: 'safe', 2: 'unsafe' } }],
    ['hidden_size', { ...bertJson, hidden_size: 0 }],
    ['num_attention_heads', { ...bertJson, num_attention_heads: 3 }],
    ['max_position_embeddings', { ...bertJson, max_position_embeddings: 2 }],
    ['position_embedding_type', { ...bertJson, position_embedding_type: 'relative_key' }],
  ]
  it.each(wrong)('names %s when it is wrong or not supported', (field, json) => {
    expect(() => parseBertClassifierConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })
})

const published = goldens('full-size/text_checker')
it.skipIf(!published)('reads a configuration of the published size', () => {
  const json = readFileSync(join(published!, 'config.json'), 'utf8')
  const config = parseBertClassifierConfig(JSON.parse(json))
  expect(config).toMatchObject({ text: { numLayers: 12, vocabSize: 21128 } })
  const parameters = [...new BertClassifierNetwork(config).namedParameters().values()]
  expect(parameters.reduce((sum, { shape }) => sum + numel(shape), 0)).toBe(102_269_186)
})
