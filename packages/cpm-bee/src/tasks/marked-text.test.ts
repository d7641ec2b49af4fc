import { readFileSync } from 'node:fs'
import { CpmBeeTokenizer, escapeText } from '@viscpm/tokenizer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMarkedText, mask, option, text } from './marked-text.js'

const vocabulary = new URL('../../../../tools/parity/goldens/tokenizer/tiny-vocab/bee.txt', import.meta.url)
const tokenizer = CpmBeeTokenizer.fromVocabulary(readFileSync(vocabulary))

describe('text', () => {
  it('has markers only where mask and option were put', () => {
    const made = text`1 < 2, ${'<mask_7>'} ${mask(0)} or ${option(12)}`
    expect(made.raw).toBe('1 << 2, <<mask_7> <mask_0> or <option_12>')
    expect(String(made)).toBe('1 < 2, <mask_7> <mask_0> or <option_12>')
    expect(JSON.stringify({ made })).toBe('{"made":"1 < 2, <mask_7> <mask_0> or <option_12>"}')
    expect(made.markers).toEqual(['<mask_0>', '<option_12>'])
  })

  it('nests', () => {
    expect(text`a${text`<${mask(1)}`}`.raw).toBe('a<<<mask_1>')
  })

  it('never makes a special token of what is put in', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', 'mask', '_', '0', '/s', 'ans', 'a') }), typed => {
        const special = tokenizer.tokenize(text`x${typed}${mask(3)}y`.raw).filter(token => token.isSpecial)
        expect(special.map(token => token.text)).toEqual(['<mask_3>'])
        expect(tokenizer.tokenize(escapeText(typed)).some(token => token.isSpecial)).toBe(false)
      }),
    )
  })

  it('refuses other values and wrong numbers', () => {
    expect(() => text`${3 as never}`).toThrow(/^text: number/)
    expect(() => mask(-1)).toThrow(/^mask: -1/)
    expect(() => option(0.5)).toThrow(/^option: 0.5/)
  })

  it('is not imitated by parsed JSON', () => {
    expect(isMarkedText(JSON.parse('{"raw":"<mask_0>","shown":"","markers":[]}'))).toBe(false)
    expect(isMarkedText(mask(0))).toBe(true)
    expect(isMarkedText('<mask_0>')).toBe(false)
  })
})
