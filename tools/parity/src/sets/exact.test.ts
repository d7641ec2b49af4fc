import { TokenizerError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { difference, exactSet, failsLike, fieldDifference, parseOrdered } from './exact.js'

test('parseOrdered keeps integer-like keys in place, at any depth, and strings as they are', () => {
  const text = '{"b": "x\\": {", "10": [{"2": 1, "1": "\\\\"}], "a\\"": {"0" : null}}'
  expect(parseOrdered(text)).toEqual(
    new Map<string, unknown>([
      ['b', 'x": {'],
      [
        '10',
        [
          new Map<string, unknown>([
            ['2', 1],
            ['1', '\\'],
          ]),
        ],
      ],
      ['a"', new Map([['0', null]])],
    ]),
  )
})

test('differences are found: values, lengths, order, types', () => {
  expect(difference(Int32Array.of(1, 2), [1, 2])).toBeUndefined()
  expect(difference(new Map([[1, 'a']]), [[1, 'a']])).toBeUndefined()
  expect(difference([1, 2], [1, 3], 'ids')).toBe('ids[1] is 2, expected 3')
  expect(difference([1], [1, 2], 'ids')).toBe('ids[1] is undefined, expected 2')
  expect(difference([1, 2], [1], 'ids')).toBe('ids[1] is 2, expected undefined')
  expect(difference('1', 1)).toBeDefined()
  expect(difference([], 0)).toBeDefined()
  expect(
    difference(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ),
  ).toBeDefined()
  expect(fieldDifference({ a: 1 }, {})).toBe('a is not recorded')
})

test('an error counts only if it is typed and says what upstream says', () => {
  const recorded = { type: 'ValueError', message: 'No answer to predict' }
  const fail = (error: Error) => () => {
    throw error
  }
  expect(failsLike(fail(new TokenizerError({ message: 'No answer to predict' })), recorded)).toBeUndefined()
  expect(failsLike(fail(new TokenizerError({ message: 'other' })), recorded)).toContain('expected')
  expect(failsLike(fail(new Error('No answer to predict')), recorded)).toContain('typed')
  expect(failsLike(() => 1, recorded)).toContain('gave 1')
})

test('exactSet counts and names what fails, thrown errors included', () => {
  const result = exactSet(
    'set',
    [1, 2, 3],
    n => `case ${n}`,
    n => {
      if (n === 3) throw new Error('broken')
      return n === 2 ? 'differs' : undefined
    },
  )
  expect(result).toEqual({
    set: 'set',
    cases: 3,
    passed: 1,
    worst: 1,
    tolerance: 0,
    failures: ['case 2: differs', 'case 3: threw Error: broken'],
  })
})
