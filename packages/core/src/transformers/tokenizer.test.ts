import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { goldens } from './fixtures/goldens.js'
import { vocabulary } from './fixtures/vocabulary.js'
import { BertTokenizer } from './tokenizer.js'
import { bertTokenizerDefaults, parseTokenizerConfig } from './tokenizer-config.js'

const recorded = goldens('reranker')
describe.skipIf(!recorded)('recorded texts', () => {
  const read = (name: string) => readFileSync(join(recorded!, name), 'utf8')
  it('become the ids of transformers', () => {
    const config = parseTokenizerConfig(JSON.parse(read('model/tokenizer_config.json')))
    const tokenizer = BertTokenizer.fromVocabulary(read('model/vocab.txt'), config)
    const cases = read('tokenizer.jsonl').trim().split('\n')
    expect(cases).toHaveLength(153)
    for (const line of cases) {
      const { text, input_ids } = JSON.parse(line) as { text: string; input_ids: number[] }
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(input_ids)
    }
  })
})

describe('encode', () => {
  const words = vocabulary.split('\n')
  const tokenizer = BertTokenizer.fromVocabulary(vocabulary)
  const tokens = (text: string, of = tokenizer) => of.encode(text).map(id => words[id])

  it.each([
    ['红色的猫', '[CLS] 红 色 的 猫 [SEP]'],
    ['a red cat', '[CLS] a red cat [SEP]'],
    ['RED Cat', '[CLS] red cat [SEP]'],
    ['dogs', '[CLS] do ##g ##s [SEP]'],
    ['dogx', '[CLS] [UNK] [SEP]'],
    ['', '[CLS] [SEP]'],
    [' \t\n\u3000', '[CLS] [SEP]'],
    ['red\u200bcat\u0000', '[CLS] [UNK] [SEP]'],
    ['red[MASK]cat', '[CLS] red [MASK] cat [SEP]'],
    ['red[mask]', '[CLS] red [UNK] [UNK] [UNK] [SEP]'],
    // Beyond 16 bits: each ideograph is a word of its own, between letters too.
    ['red𠮷cat', '[CLS] red 𠮷 cat [SEP]'],
    ['a𠮷𪜀𠮷', '[CLS] a 𠮷 [UNK] 𠮷 [SEP]'],
    // No final sigma: BertTokenizerFast lower-cases letter by letter.
    ['ΟΔΟΣ', '[CLS] οδοσ [SEP]'],
    // Half of a character that needs two is no character.
    ['red\ud83d cat', '[CLS] red cat [SEP]'],
  ])('%j -> %s', (text, expected) => {
    expect(tokens(text).join(' ')).toBe(expected)
  })

  it('follows the options', () => {
    const of = (options: object) => BertTokenizer.fromVocabulary(vocabulary, { ...bertTokenizerDefaults, ...options })
    expect(tokens('Cat cat', of({ lowerCase: false }))).toEqual(['[CLS]', 'Cat', 'cat', '[SEP]'])
    expect(tokens('café')).toEqual(['[CLS]', '[UNK]', '[SEP]'])
    expect(tokens('CAFÉ', of({ stripAccents: false }))).toEqual(['[CLS]', 'café', '[SEP]'])
    expect(tokens('红色', of({ isolateIdeographs: false }))).toEqual(['[CLS]', '[UNK]', '[SEP]'])
    expect(tokens('a𠮷', of({ isolateIdeographs: false }))).toEqual(['[CLS]', '[UNK]', '[SEP]'])
  })

  it('refuses what is too long, telling how long it is', () => {
    expect(tokenizer.encode('猫'.repeat(6), { maxTokens: 8 })).toHaveLength(8)
    expect(() => tokenizer.encode('猫'.repeat(7), { maxTokens: 8 })).toThrow(
      expect.objectContaining({
        code: 'CONTEXT_TOO_LONG',
        length: 9,
        limit: 8,
        hint: expect.stringContaining('truncate'),
      }),
    )
  })

  it('cuts the end, and keeps [SEP]', () => {
    const cut = tokenizer.encode('红色的猫狗', { maxTokens: 5, truncate: true })
    expect(cut.map(id => words[id])).toEqual(['[CLS]', '红', '色', '的', '[SEP]'])
    expect(tokenizer.encode('红', { maxTokens: 5, truncate: true })).toHaveLength(3)
    expect(tokenizer.encode('红', { maxTokens: 2, truncate: true })).toHaveLength(2)
  })

  it('takes a text of 100,000 characters', () => {
    expect(tokenizer.encode('一只红色的猫，a cat '.repeat(6250))).toHaveLength(9 * 6250 + 2)
  })

  it('takes texts only', () => {
    expect(() => tokenizer.encode(undefined as unknown as string)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

describe('fromVocabulary', () => {
  it('counts lines however they end, and reads bytes', () => {
    for (const text of [vocabulary, `${vocabulary}\n`, vocabulary.replaceAll('\n', '\r\n')]) {
      const tokenizer = BertTokenizer.fromVocabulary(new TextEncoder().encode(text))
      expect(tokenizer.size).toBe(24)
      expect(tokenizer.padId).toBe(0)
      expect(tokenizer.encode('猫')).toEqual([3, 9, 4])
    }
  })

  it('gives a token that stands twice its last number, as Python does', () => {
    expect(BertTokenizer.fromVocabulary(`${vocabulary}\n猫`).encode('猫')).toEqual([3, 24, 4])
  })

  it('can do without [MASK]', () => {
    const tokenizer = BertTokenizer.fromVocabulary(vocabulary.replace('[MASK]', '[unused5]'))
    expect(tokenizer.encode('[MASK]')).toEqual([3, 2, 2, 2, 4])
  })

  it.each(['[CLS]', '[SEP]', '[PAD]', '[UNK]'])('cannot do without %s', token => {
    expect(() => BertTokenizer.fromVocabulary(vocabulary.replace(token, 'x'), undefined, 'words.txt')).toThrow(
      expect.objectContaining({ code: 'VOCABULARY', message: `words.txt: no ${token}` }),
    )
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => BertTokenizer.fromVocabulary(Uint8Array.of(0xff, 0xfe))).toThrow(
      expect.objectContaining({ code: 'VOCABULARY' }),
    )
  })
})
