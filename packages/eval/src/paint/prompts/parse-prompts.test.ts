import { FileFormatError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { embeddedPrompts } from './embedded.js'
import { parsePrompts } from './parse-prompts.js'

const of = (text: string, file: string, options = {}) =>
  parsePrompts(text, { file, ...options }).map(({ index, language, text }) => `${index} ${language} ${text}`)

test('text, one a line; the language is seen', () => {
  expect(of('\ufeffa cat\n\n 一只猫 \r\na dog', 'x.txt')).toEqual(['0 en a cat', '1 zh 一只猫', '2 en a dog'])
  expect(of('a cat\na dog', 'x.txt', { limit: 1 })).toEqual(['0 en a cat'])
})

test('JSON lines: both languages of a line have one index', () => {
  const text = '{"en":"a cat","zh":"一只猫"}\n{"caption":"一只狗"}\n{"prompt":"a fox"}'
  expect(of(text, 'x.jsonl')).toEqual(['0 en a cat', '0 zh 一只猫', '1 zh 一只狗', '2 en a fox'])
  expect(of(text, 'x.jsonl', { language: 'zh' })).toEqual(['0 zh 一只猫', '1 zh 一只狗'])
})

test('COCO: the first caption of each picture', () => {
  const annotations = [
    { image_id: 9, id: 1, caption: 'a cat\n' },
    { image_id: 9, id: 2, caption: 'the cat' },
    { image_id: 3, id: 3, caption: 'a dog' },
  ]
  expect(of(JSON.stringify({ images: [], annotations }), 'captions.json')).toEqual(['0 en a cat', '1 en a dog'])
})

test.each([
  ['x.jsonl', '{"en":"a"}\n{', 'x.jsonl: line 2: is not JSON'],
  ['x.jsonl', '{"en":""}', 'line 1: en is no text'],
  ['x.jsonl', '{"text":"a"}', 'line 1: has none of en, zh, prompt, caption'],
  ['x.json', '{}', 'has no list of annotations'],
  ['x.json', '{"annotations":[{"caption":"a"}]}', 'annotations[0] has no image_id'],
  ['x.txt', '\n', 'has no captions'],
])('%s: %j is refused with the place', (file, text, message) => {
  expect(() => of(text, file)).toThrow(FileFormatError)
  expect(() => of(text, file)).toThrow(message)
})

test('the embedded captions are pairs, each once', () => {
  expect(new Set(embeddedPrompts.map(({ en }) => en)).size).toBe(embeddedPrompts.length)
  expect(embeddedPrompts.every(({ en, zh }) => /^[a-z ]+$/.test(en) && /^\p{Script=Han}+$/u.test(zh))).toBe(true)
})
