import { expect, it } from 'vitest'
import { markdownTable, table } from './table.js'

it('lines up columns, Chinese ones too', () => {
  expect(table([['', 'ab'], ['对话', 'x'], ['y']])).toEqual(['      ab', '对话  x', 'y'])
})

it('is Markdown where that is wanted', () => {
  expect(markdownTable([['', 'a'], ['x|y', '1'], ['z']])).toEqual([
    '|  | a |',
    '| --- | --: |',
    '| x\\|y | 1 |',
    '| z |  |',
  ])
})
