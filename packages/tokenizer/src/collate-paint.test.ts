import { InvalidArgumentError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { collatePaint, paintItem } from './collate-paint.js'
import { convertDataToIds } from './convert.js'
import { escapeText } from './escape.js'
import { tinyTokenizer as tokenizer } from './fixtures/load.js'

test('prompt and negative prompt share the longer length, padded on the right', () => {
  const items = ['猫', escapeText('a < b, a long one')].map(prompt => paintItem(tokenizer, prompt))
  const maxLength = Math.max(...items.map(({ data }) => data.ids.length))
  const [short, long] = items.map(item => collatePaint(tokenizer, [item], { maxLength }))
  expect(short!.inputIds).toHaveLength(long!.inputIds.length)
  const used = short!.length[0]!
  expect(used).toBeLessThan(maxLength)
  expect([...short!.numSegments].map(n => n > 0)).toEqual([...Array(maxLength).keys()].map(i => i < used))
  expect(collatePaint(tokenizer, items).inputIds.slice(0, maxLength)).toEqual(short!.inputIds)
})

test('sets targets where the answer is: the next token, the end after it, nothing elsewhere', () => {
  const data = convertDataToIds(tokenizer, [
    ['q', 'a'],
    ['<ans>', 'bc<mask_0><mask_1>'],
  ])
  const { target, extTableIds, extTableSub } = collatePaint(tokenizer, [{ data, rawData: '' }])
  const start = data.context.indexOf(0)
  const words = [...data.ids.slice(start + 1, -1), tokenizer.vocabSize]
  expect([...target.slice(start)]).toEqual([...words, tokenizer.eosId])
  expect(new Set(target.slice(0, start))).toEqual(new Set([-100]))
  expect([...extTableIds, ...extTableSub]).toEqual([tokenizer.maskId, 1])
})

test('refuses an empty batch and a length that is too short', () => {
  const item = paintItem(tokenizer, 'a cat')
  expect(() => collatePaint(tokenizer, [])).toThrow(InvalidArgumentError)
  expect(() => collatePaint(tokenizer, [item], { maxLength: item.data.ids.length - 1 })).toThrow(InvalidArgumentError)
})
