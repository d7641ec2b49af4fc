import { describe, expect, it } from 'vitest'
import { bertTokenizerDefaults, parseTokenizerConfig } from './tokenizer-config.js'

const token = (content: string, more: object = {}) => ({ content, lstrip: false, rstrip: false, ...more })

describe('parseTokenizerConfig', () => {
  it('takes what a field that is left out means to transformers', () => {
    expect(parseTokenizerConfig({})).toEqual(bertTokenizerDefaults)
    const json = { do_lower_case: true, strip_accents: null, tokenizer_class: 'BertTokenizer', model_max_length: 512 }
    expect(parseTokenizerConfig(json)).toEqual(bertTokenizerDefaults)
  })

  it('reads options and tokens, in both spellings', () => {
    const json = {
      do_lower_case: false,
      strip_accents: true,
      tokenize_chinese_chars: false,
      cls_token: token('<s>'),
      unk_token: '<unk>',
      added_tokens_decoder: { 0: token('[PAD]', { special: true }), 5: token('<s>') },
      additional_special_tokens: ['[MASK]'],
    }
    expect(parseTokenizerConfig(json)).toEqual({
      lowerCase: false,
      stripAccents: true,
      isolateIdeographs: false,
      cls: '<s>',
      sep: '[SEP]',
      pad: '[PAD]',
      unk: '<unk>',
      mask: '[MASK]',
    })
    expect(parseTokenizerConfig({ strip_accents: false }).stripAccents).toBe(false)
  })

  const wrong: [field: string, json: unknown][] = [
    ['tokenizer_config', 'bert'],
    ['tokenizer_class', { tokenizer_class: 'CLIPTokenizer' }],
    ['do_lower_case', { do_lower_case: 'yes' }],
    ['strip_accents', { strip_accents: 1 }],
    ['cls_token', { cls_token: '' }],
    ['sep_token.content', { sep_token: {} }],
    ['mask_token.lstrip', { mask_token: token('[MASK]', { lstrip: true }) }],
    ['added_tokens_decoder', { additional_special_tokens: ['<image>'] }],
    ['added_tokens_decoder', { added_tokens_decoder: { 21128: token('<image>') } }],
    ['added_tokens_decoder', { added_tokens_decoder: { 21128: null } }],
  ]
  it.each(wrong)('names %s when it is wrong or not supported', (field, json) => {
    expect(() => parseTokenizerConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })
})
