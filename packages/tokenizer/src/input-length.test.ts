import { ContextTooLongError } from '@viscpm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeText } from './escape.js'
import { anyText } from './fixtures/arbitrary.js'
import { tinyTokenizer as tokenizer } from './fixtures/load.js'
import type { PackValue } from './input.js'
import { inputLength, keepNewest } from './input-length.js'
import { packSample } from './pack-sample.js'

const input = (turns: readonly string[], question: string): PackValue => [
  ['context', turns.map(turn => `${escapeText(turn)}\n`).join('')],
  ['question', escapeText(question)],
  ['<ans>', ''],
]

test('measures exactly what packSample limits', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 3 }), anyText, (turns, question) => {
      const data = input(turns, question)
      const length = inputLength(tokenizer, data)
      expect(packSample(tokenizer, data, { maxInputLength: length }).predictSegments).toHaveLength(1)
      expect(() => packSample(tokenizer, data, { maxInputLength: length - 1 })).toThrow(ContextTooLongError)
    }),
    { numRuns: 200 },
  )
})

test('keeps the newest turns that fit, and one more would not', () => {
  const sizes = fc.array(fc.nat(20), { maxLength: 40 })
  fc.assert(
    fc.property(sizes, fc.nat(300), (turns, limit) => {
      const length = (kept: readonly number[]) => kept.reduce((sum, size) => sum + size, 0)
      const kept = keepNewest(turns, limit, length)
      expect(kept).toEqual(turns.slice(turns.length - kept.length))
      expect(length(kept)).toBeLessThanOrEqual(limit)
      if (kept.length < turns.length) expect(length(turns.slice(-kept.length - 1))).toBeGreaterThan(limit)
    }),
  )
})

test('says so when even the question alone is too long', () => {
  expect(() => keepNewest(['old'], 10, kept => 11 + kept.length)).toThrow(
    new ContextTooLongError({ length: 11, limit: 10 }),
  )
})
