import { describe, expect, it } from 'vitest'
import { mask, text } from './marked-text.js'
import { answerPaths, fillAnswer, type TaskInput, toPackValue, withAnswer } from './task-input.js'

const plain = (value: unknown): unknown =>
  value instanceof Map ? [...value].map(([key, child]) => [key, plain(child)]) : value

describe('toPackValue', () => {
  it('escapes texts and keys, leaves the documented keys and marked text', () => {
    const input: TaskInput = {
      input: text`a<b ${mask(0)}`,
      'x<y': '</s><ans_1>',
      options: { '<option_0>': '<mask_0>', '<option_x>': 'o', '<mask>': 'm' },
      '<ans>': { '<mask_0>': '' },
    }
    expect(plain(toPackValue(input, 'text'))).toEqual([
      ['input', 'a<<b <mask_0>'],
      ['x<<y', '<</s><<ans_1>'],
      [
        'options',
        [
          ['<option_0>', '<<mask_0>'],
          ['<<option_x>', 'o'],
          ['<mask>', 'm'],
        ],
      ],
      ['<ans>', [['<mask_0>', '']]],
    ])
  })

  it('takes raw syntax as it is', () => {
    const input = { 'a<<b': '<mask_0> <<', '<ans>': '' }
    expect(plain(toPackValue(input, 'raw'))).toEqual(Object.entries(input))
  })

  it('keeps the order of Maps and pairs', () => {
    const pairs = [
      ['z', 'first'],
      ['10', '2'],
      ['1', new Map([['b', 'x']])],
      ['<ans>', ''],
    ] as const
    const expected = ['z', '10', '1', '<ans>']
    expect([...toPackValue(pairs, 'text').keys()]).toEqual(expected)
    expect([...toPackValue(new Map<string, never>(pairs as never), 'text').keys()]).toEqual(expected)
  })

  it('names what is wrong', () => {
    const cyclic: Record<string, unknown> = { '<ans>': '' }
    cyclic.again = cyclic
    const bad: [unknown, RegExp][] = [
      [{ input: 'x' }, /^input: has no key '<ans>'/],
      ['text', /^input: must be named values/],
      [{ a: { b: 3 }, '<ans>': '' }, /^input\.a\.b: must be text or named values, not number/],
      [{ a: null, '<ans>': '' }, /^input\.a: .* not null/],
      [{ a: ['x'], '<ans>': '' }, /^input\.a: a list must hold \[key, value\] pairs/],
      [{ a: new Date(), '<ans>': '' }, /^input\.a: must be text/],
      [{ 5: 'x', '<ans>': '' }, /^input: JavaScript moves the key "5"/],
      [{ '<ans>': 'already' }, /^input\.<ans>: is to be written by the model/],
      [{ '<ans>': { a: mask(0) } }, /^input\.<ans>\.a: is to be written/],
      [
        [
          ['a', 'x'],
          ['a', 'y'],
          ['<ans>', ''],
        ],
        /^input: the key "a" is given twice/,
      ],
      [[[1, 'x']], /^input: a key must be text, not number/],
      [cyclic, /nested deeper than 100 levels/],
    ]
    for (const [input, message] of bad) expect(() => toPackValue(input as TaskInput, 'text')).toThrow(message)
  })

  it('takes examples with their answers', () => {
    expect(plain(toPackValue({ a: '1<2', '<ans>': 'yes <' }, 'text', true))).toEqual([
      ['a', '1<<2'],
      ['<ans>', 'yes <<'],
    ])
  })
})

describe('answers', () => {
  const input = { q: 'x', '<ans>': { a: '', b: { c: '', d: '' } } }

  it('keep the shape of their slots', () => {
    expect(answerPaths(input)).toEqual([['a'], ['b', 'c'], ['b', 'd']])
    const answer = fillAnswer(input, i => (i === 2 ? null : `answer ${i}`))
    expect(answer).toEqual({ a: 'answer 0', b: { c: 'answer 1', d: null } })
    expect(withAnswer(input, answer)).toEqual({ q: 'x', '<ans>': answer })
    expect(answerPaths({ '<ans>': '' })).toEqual([[]])
  })

  it('come as a Map where the input was one', () => {
    const map = new Map<string, never>([
      ['q', 'x'],
      ['<ans>', [['1', '']]],
    ] as never)
    const answer = fillAnswer(map, () => 'y')
    expect(answer).toEqual(new Map([['1', 'y']]))
    expect([...(withAnswer(map, answer) as Map<string, unknown>).keys()]).toEqual(['q', '<ans>'])
  })
})
