import { InvalidArgumentError, TokenizerError } from '@viscpm/core'
import { describe, expect, test } from 'vitest'
import { numberAnswers } from './answer-slots.js'
import { type PackValue, readSegments } from './input.js'

const texts = (data: PackValue) => readSegments(data).map(({ text, depth, parent }) => [text, depth, parent])

describe('readSegments', () => {
  const expected = [
    ['<root>', 0, -1],
    ['b', 1, 0],
    ['1', 2, 1],
    ['10', 1, 0],
    ['x', 2, 3],
    ['', 3, 4],
  ]

  test('takes a Map, pairs and mixtures, in the given order', () => {
    expect(
      texts(
        new Map<string, PackValue>([
          ['b', '1'],
          ['10', new Map([['x', '']])],
        ]),
      ),
    ).toEqual(expected)
    expect(
      texts([
        ['b', '1'],
        ['10', [['x', '']]],
      ]),
    ).toEqual(expected)
    expect(
      texts([
        ['b', '1'],
        ['10', { x: '' }],
      ]),
    ).toEqual(expected)
  })

  test('takes a plain object unless a key would be moved', () => {
    expect(texts({ b: '1', a: '2', '01': '3', '-1': '4' }).map(([text]) => text)).toEqual([
      '<root>',
      'b',
      '1',
      'a',
      '2',
      '01',
      '3',
      '-1',
      '4',
    ])
    expect(() => readSegments({ q: 'x', options: { b: 'y', 10: 'z' } })).toThrow(
      new InvalidArgumentError({
        argument: 'data.options',
        message: 'JavaScript moves the key "10" to the front; give a Map or [key, value] pairs',
      }),
    )
  })

  test('marks answers and pictures only at the top', () => {
    const marks = readSegments({ image: { a: 'p' }, '<ans>': { b: 'r' }, x: { image: 'q', '<ans>': 's' } })
    expect(marks.filter(({ image }) => image).map(({ text }) => text)).toEqual(['p'])
    expect(marks.filter(({ predicted }) => predicted).map(({ text }) => text)).toEqual(['r'])
  })

  test.each([
    [{ a: 5 }, 'Invalid data 5 (data.a)'],
    [{ a: { b: null } }, 'Invalid data null (data.a.b)'],
    [{ a: undefined }, 'Invalid data undefined (data.a)'],
    [{ a: ['x'] }, 'Invalid data ["x"] (data.a)'],
    [{ a: new Date() }, 'Invalid data Date (data.a)'],
    [{ a: () => 1 }, 'Invalid data function (data.a)'],
    [7, 'Invalid data 7 (data)'],
  ])('refuses the leaf in %j', (data, message) => {
    expect(() => readSegments(data as unknown as PackValue)).toThrow(message)
    expect(() => readSegments(data as unknown as PackValue)).toThrow(TokenizerError)
  })

  test('refuses repeated keys and keys that are no strings', () => {
    expect(() =>
      readSegments([
        ['a', '1'],
        ['a', '2'],
      ]),
    ).toThrow('the key "a" is given twice')
    expect(() => readSegments(new Map([[1, 'x']]) as unknown as PackValue)).toThrow(
      'a key has to be a string, not number',
    )
  })

  test('ends on inputs that refer to themselves or are huge', () => {
    const cycle = new Map<string, PackValue>()
    cycle.set('a', cycle)
    expect(() => readSegments(cycle)).toThrow('refers to itself')
    expect(() => numberAnswers([['<ans>', cycle]])).toThrow('refers to itself')
    const wide = Array.from({ length: 5000 }, (_, i) => [`k${i}`, ''] as const)
    expect(() => readSegments(wide)).toThrow('more than 4096 keys and texts')
  })
})
