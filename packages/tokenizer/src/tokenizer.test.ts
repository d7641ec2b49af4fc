import { TokenizerError } from '@viscpm/core'
import { describe, expect, test } from 'vitest'
import { realTokenizer, tinyTokenizer as tokenizer } from './fixtures/load.js'

describe('CpmBeeTokenizer', () => {
  test('merges unknown characters and counts places in code points', () => {
    expect(tokenizer.tokenize('😃😄a<<b<mask>龘')).toEqual([
      { text: '😃😄', start: 0, isUnknown: true, isSpecial: false },
      { text: 'a', start: 2, isUnknown: false, isSpecial: false },
      { text: '<', start: 3, isUnknown: false, isSpecial: false },
      { text: 'b', start: 4, isUnknown: false, isSpecial: false },
      { text: '<mask>', start: 5, isUnknown: false, isSpecial: true },
      { text: '龘', start: 11, isUnknown: true, isSpecial: false },
    ])
  })

  test('continues a past table and leaves it as it was', () => {
    const past = new Map([[tokenizer.vocabSize, '龘']])
    const { ids, extTable } = tokenizer.encode('龘<foo>囧', past)
    expect(ids).toEqual([614, 615, 616])
    expect([...extTable]).toEqual([
      [614, '龘'],
      [615, '<foo>'],
      [616, '囧'],
    ])
    expect(past.size).toBe(1)
  })

  test.each([
    ['a<b', 'Unexpected end of text `a<b`'],
    ['😀😀<a<', 'Invalid special token at pos 4'],
    ['<>', 'Unexpected end of text `<>`'],
  ])("%j is refused with upstream's message", (text, message) => {
    expect(() => tokenizer.encode(text)).toThrow(message)
    expect(() => tokenizer.tokenize(text)).toThrow(TokenizerError)
  })

  test('does not put a whole book into an error message', () => {
    const error = (() => {
      try {
        tokenizer.encode(`${'x'.repeat(100_000)}<`)
      } catch (thrown) {
        return thrown as TokenizerError
      }
      throw new Error('did not fail')
    })()
    expect(error.message.length).toBeLessThan(2100)
  })

  test('refuses ids that it does not have', () => {
    expect(() => tokenizer.decode([90, 614])).toThrow('no token has id 614')
    expect(() => tokenizer.decode([0.5])).toThrow(TokenizerError)
    expect(() => tokenizer.textOf(Number.NaN)).toThrow(TokenizerError)
    expect(tokenizer.decode([-1, 90, -100])).toBe('a')
  })

  test('takes time in proportion to the text, not to its square', () => {
    for (const unit of ['<<', '龘', 'a', '<mask>', '图中', '<x>']) {
      const start = performance.now()
      const { ids } = (realTokenizer ?? tokenizer).encode(unit.repeat(400_000))
      // Usually 20 to 200 ms; a quadratic scan would need minutes.
      expect(performance.now() - start, unit).toBeLessThan(10_000)
      expect(ids.length).toBeGreaterThan(0)
    }
  })
})
