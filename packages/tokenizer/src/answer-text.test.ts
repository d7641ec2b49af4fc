import { describe, expect, test } from 'vitest'
import { AnswerText } from './answer-text.js'
import { tinyTokenizer as tokenizer } from './fixtures/load.js'
import type { PackValue } from './input.js'
import { packBatch } from './pack-batch.js'

const { eosId } = tokenizer
const idsOf = (text: string) => tokenizer.encode(text).ids

describe('AnswerText', () => {
  const nested: PackValue = [
    ['question', 'q'],
    [
      '<ans>',
      [
        ['10', ''],
        [
          'b',
          [
            ['2', ''],
            ['none', []],
            ['c', ''],
          ],
        ],
      ],
    ],
  ]

  test('puts answers where their slots are, in order, and leaves null where none began', () => {
    const predicted = [...idsOf('cat'), eosId].map(id => [id, 1] as const)
    const started = idsOf('dog').map(id => [id, 2] as const)
    const answer = AnswerText.read(tokenizer, nested, [...predicted, ...started])
    expect(answer.texts).toEqual(['cat', 'dog', null])
    expect(answer.value).toEqual(
      new Map<string, unknown>([
        ['10', 'cat'],
        [
          'b',
          new Map<string, unknown>([
            ['2', 'dog'],
            ['none', new Map()],
            ['c', null],
          ]),
        ],
      ]),
    )
    expect(AnswerText.fill(nested, answer.value)).toEqual([
      ['question', 'q'],
      ['<ans>', answer.value],
    ])
  })

  test("is text for people, or upstream's on request", () => {
    const input = { question: '<<3', '<ans>': '' }
    const predicted = [...idsOf('a<<b<mask>'), eosId].map(id => [id, 1] as const)
    expect(AnswerText.read(tokenizer, input, predicted).value).toBe('a<b<mask>')
    expect(AnswerText.read(tokenizer, input, predicted, { raw: true }).value).toBe('a<<b<mask>')
    expect(AnswerText.read(tokenizer, input, []).value).toBeNull()
  })

  test('shows the unknown words of its own sample', () => {
    const inputs: PackValue[] = [
      { question: '龘 囧', '<ans>': '' },
      { question: '靐 囧', '<ans>': '' },
    ]
    const { extTexts } = packBatch(tokenizer, inputs)
    const predicted = [tokenizer.unkId, tokenizer.vocabSize].map(id => [id, 1] as const)
    const read = (row: number) =>
      AnswerText.read(tokenizer, inputs[row]!, predicted, { extTable: extTexts[row]! }).value
    expect([read(0), read(1)]).toEqual(['龘囧', '靐囧'])
  })

  test('refuses answers and ids that do not exist', () => {
    expect(() => AnswerText.read(tokenizer, nested, [[90, 4]])).toThrow('answer 4 was predicted, the input has 3')
    expect(() => AnswerText.read(tokenizer, nested, [[5000, 1]])).toThrow('no token has id 5000')
    expect(() => AnswerText.read(tokenizer, { a: 'x' }, [])).toThrow(`no key '<ans>'`)
    expect(() => AnswerText.fill('text', 'answer')).toThrow(`no key '<ans>'`)
  })
})
