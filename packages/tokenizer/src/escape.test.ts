import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeText, unescapeText } from './escape.js'
import { anyText } from './fixtures/arbitrary.js'
import { tokenizers } from './fixtures/load.js'

describe.each(tokenizers)('typed text with the %s', (_, tokenizer) => {
  test('comes back unchanged, whatever it is, and holds no control token', () => {
    const controls = new Set(tokenizer.specialTokens.values())
    fc.assert(
      fc.property(anyText, text => {
        const { ids, extTable } = tokenizer.encode(escapeText(text))
        expect(unescapeText(tokenizer.decode(ids, extTable))).toBe(text)
        expect(ids.filter(id => controls.has(id))).toEqual([])
        for (const unknown of extTable.values()) expect(unknown).not.toContain('<')
      }),
      { numRuns: 3000 },
    )
  })

  test('comes back unchanged after another text filled the extension table', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, text) => {
        const past = tokenizer.encode(escapeText(before)).extTable
        const { ids, extTable } = tokenizer.encode(escapeText(text), past)
        expect(unescapeText(tokenizer.decode(ids, extTable))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['', '<', '<<', '<<<', 'a<b', '<ans_1>', '</n>', '</_>\n', '<>', '\ud83d', '\ude00<', '\0'])('%j', text => {
    const { ids, extTable } = tokenizer.encode(escapeText(text))
    expect(unescapeText(tokenizer.decode(ids, extTable))).toBe(text)
  })
})
