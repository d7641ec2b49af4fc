import { ContextTooLongError, InvalidArgumentError, TokenizerError } from '@viscpm/core'
import { describe, expect, test } from 'vitest'
import { convertDataToIds } from './convert.js'
import { tinyTokenizer as tokenizer } from './fixtures/load.js'
import type { PackValue } from './input.js'
import { inputLength } from './input-length.js'
import { packBatch } from './pack-batch.js'
import { packSample } from './pack-sample.js'

const chat = (question: string): PackValue => [
  ['image', '<unk>'.repeat(4)],
  ['context', ''],
  ['question', question],
  ['<ans>', ''],
]

describe('packSample', () => {
  test('does not change its input and gives the same in parity mode where upstream is right', () => {
    const input = chat('龘 cat')
    const sample = packSample(tokenizer, input)
    expect(input).toEqual(chat('龘 cat'))
    expect(packSample(tokenizer, input, { parity: true })).toEqual(sample)
  })

  test('refuses an input that is too long, and in parity mode loses its answer as upstream does', () => {
    const whole = inputLength(tokenizer, chat('cat'))
    expect(packSample(tokenizer, chat('cat'), { maxInputLength: whole }).predictSegments).toHaveLength(1)
    expect(() => packSample(tokenizer, chat('cat'), { maxInputLength: whole - 1 })).toThrow(
      new ContextTooLongError({ length: whole, limit: whole - 1 }),
    )
    expect(() => packSample(tokenizer, chat('cat'), { maxInputLength: whole - 1, parity: true })).toThrow(
      'No answer to predict',
    )
  })

  test('cuts in parity mode from the right', () => {
    const input: PackValue = [
      ['<ans>', ''],
      ['question', 'abcdef'],
    ]
    const whole = packSample(tokenizer, input, { parity: true })
    const cut = packSample(tokenizer, input, { parity: true, maxInputLength: 12 })
    // Two of the twelve tokens are the answer slot, which is dropped.
    expect(cut.inputIds).toEqual(whole.inputIds.slice(0, 10))
    expect(cut.segmentRel).toEqual(whole.segmentRel)
  })

  test('a picture after the answer is found where its placeholders are', () => {
    const input: PackValue = [
      ['<ans>', ''],
      ['image', '<unk>'.repeat(4)],
    ]
    const [start, end] = packSample(tokenizer, input).imageBound[0]!
    expect([...packSample(tokenizer, input).inputIds.slice(start, end)]).toEqual(Array(4).fill(tokenizer.unkId))
    expect(packSample(tokenizer, input, { parity: true }).imageBound).toEqual([[start + 2, end + 2]])
  })

  test('appends solved examples with relations, tables and pictures of their own', () => {
    const example: PackValue = [
      ['image', '<unk><unk>'],
      ['question', '囧'],
      ['<ans>', '<<3'],
    ]
    const alone = packSample(tokenizer, chat('龘'))
    const sample = packSample(tokenizer, chat('龘'), { inContextSamples: [example, example] })
    const { extTable, tokenIdTable } = alone
    const solved = convertDataToIds(tokenizer, example, { previous: { extTable, tokenIdTable } })
    const [n, m] = [alone.length, solved.ids.length]
    expect(sample.length).toBe(n + 2 * m)
    expect(sample.inputIds.slice(n, n + m)).toEqual(solved.ids)
    expect(sample.inputIdSubs.slice(n + m)).toEqual(solved.idSubs)
    expect([...new Set(sample.context)]).toEqual([1])
    expect([...sample.inputPos]).toEqual([...Array(sample.length).keys()])
    expect([n - 1, n, n + m].map(i => sample.sampleIds[i])).toEqual([0, 1, 2])
    const [a, b] = [alone.segmentRel.length, solved.segmentRel.length]
    expect([n - 1, n, n + m].map(i => sample.segmentRelOffset[i])).toEqual([0, a, a + b])
    expect(sample.segmentRel.slice(a, a + b)).toEqual(solved.segmentRel)
    expect(sample.numSegments[n]).toBe(solved.numSegments)
    expect(sample.predictSegments).toEqual(alone.predictSegments)
    for (const [start, end] of sample.imageBound) {
      expect(new Set(sample.inputIds.slice(start, end))).toEqual(new Set([tokenizer.unkId]))
    }
    expect(sample.imageBound.map(([start, end]) => end - start)).toEqual([4, 2, 2])
  })

  test.each([
    ['question only', { question: 'x' }, `no key '<ans>'`],
    ['plain text', 'x', `no key '<ans>'`],
    [
      'empty answer',
      [
        ['q', 'x'],
        ['<ans>', []],
      ],
      'No answer to predict',
    ],
    ['answer with a name', chat('<ans_x>'), `invalid literal for int() with base 10: 'x'`],
    ['unknown special', chat('<foo>'), 'Invalid token <foo>'],
    ['unescaped', chat('a<b'), 'Unexpected end of text `a<b`'],
  ] as [string, PackValue, string][])('refuses: %s', (_, input, message) => {
    expect(() => packSample(tokenizer, input)).toThrow(TokenizerError)
    expect(() => packSample(tokenizer, input)).toThrow(message)
  })

  test('checks its options', () => {
    for (const maxInputLength of [0, -1, 1.5, Number.NaN]) {
      expect(() => packSample(tokenizer, chat('x'), { maxInputLength })).toThrow(InvalidArgumentError)
    }
    expect(() => packSample(tokenizer, chat('x'), { maxDepth: 0 })).toThrow(InvalidArgumentError)
    expect(() => packBatch(tokenizer, [])).toThrow(InvalidArgumentError)
  })
})
