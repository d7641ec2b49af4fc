import { expect, it } from 'vitest'
import { parseLexicon } from './entry.js'

it('reads words by line', () => {
  const text = '{"fact":"thing:cat","en":["cat"],"zh":["猫","猫咪"]}\n\n'
  expect(parseLexicon(text, 'f')).toEqual([{ facts: ['thing:cat'], en: ['cat'], zh: ['猫', '猫咪'] }])
})

it.each([
  ['{', 'f: line 1: is not JSON'],
  ['{"en":["cat"],"zh":["猫"]}', "f: line 1: 'fact' must be a name"],
  ['\n{"fact":"a","en":[],"zh":["猫"]}', "f: line 2: 'en' must be a list of words"],
  ['{"fact":"a","en":["cat"],"zh":"猫"}', "f: line 1: 'zh' must be a list of words"],
  ['null', "'fact' must be a name"],
])('%j: names line and field', (text, message) => {
  expect(() => parseLexicon(text, 'f')).toThrow(message)
})
