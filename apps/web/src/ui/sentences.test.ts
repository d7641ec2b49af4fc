import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Sentences } from './sentences.js'

it('gives whole sentences of both languages as they are complete', () => {
  const sentences = new Sentences()
  expect(sentences.next('It is a dog')).toBe('')
  expect(sentences.next('It is a dog. It s')).toBe('It is a dog.')
  expect(sentences.next('It is a dog. It s')).toBe('')
  expect(sentences.next('It is a dog. It sits. 这是狗。它')).toBe('It sits. 这是狗。')
  expect(sentences.rest('It is a dog. It sits. 这是狗。它坐着')).toBe('它坐着')
})

it('does not cut numbers', () => {
  const sentences = new Sentences()
  expect(sentences.next('It costs 3.5 yuan')).toBe('')
})

it('leaves nothing out and says nothing twice, however the text grows', () => {
  const piece = fc.constantFrom('a', '狗', '. ', '。', '!', '\n', ' ', '3.5')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const sentences = new Sentences()
      let text = ''
      let told = ''
      for (const added of pieces) {
        text += added
        told += sentences.next(text)
      }
      told += sentences.rest(text)
      expect(told.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    }),
  )
})
