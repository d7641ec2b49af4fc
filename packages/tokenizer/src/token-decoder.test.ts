import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeText, unescapeText } from './escape.js'
import { anyText } from './fixtures/arbitrary.js'
import { tinyTokenizer as tokenizer } from './fixtures/load.js'
import { TokenDecoder } from './token-decoder.js'

test('parts of an answer joined are the whole answer unescaped', () => {
  const ids = fc.array(fc.oneof(fc.nat(613), fc.constantFrom(38, 38, 55, 0, 2, 9, 614, 615)), { maxLength: 30 })
  const extTable = new Map([
    [614, '<ans_1>'],
    [615, '龘'],
  ])
  fc.assert(
    fc.property(ids, answer => {
      const decoder = new TokenDecoder(tokenizer, { extTable })
      const ended = answer.filter(id => id !== tokenizer.eosId)
      expect(answer.map(id => decoder.push(id)).join('')).toBe(unescapeText(tokenizer.decode(ended, extTable)))
    }),
    { numRuns: 3000 },
  )
})

test('an answer that comes back as typed text is the same text', () => {
  fc.assert(
    fc.property(anyText, text => {
      const { ids, extTable } = tokenizer.encode(escapeText(text))
      expect(new TokenDecoder(tokenizer, { extTable }).decode(ids)).toBe(text)
    }),
  )
})

test('shows a `<` at once, hides the end, and specials on request', () => {
  const less = tokenizer.idOf('<')!
  const ids = [less, less, tokenizer.maskId, tokenizer.eosId]
  const parts = (options = {}) => {
    const decoder = new TokenDecoder(tokenizer, options)
    return ids.map(id => decoder.push(id))
  }
  expect(parts()).toEqual(['<', '<', '<mask>', ''])
  expect(parts({ hideSpecial: true })).toEqual(['<', '<', '', ''])
  // An unknown word of the input stands for <unk>: it is the user's own, and stays.
  const own = { extTable: new Map([[tokenizer.unkId, '龘']]), hideSpecial: true }
  expect(new TokenDecoder(tokenizer, own).decode([tokenizer.unkId])).toBe('龘')
  expect(() => new TokenDecoder(tokenizer).push(9999)).toThrow('9999')
})
