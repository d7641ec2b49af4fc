import { randomNumbers } from '@viscpm/core/random'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from './base64.js'

/** What is taken, in words that leave no doubt. */
const pattern = /^[A-Za-z0-9+/]*={0,2}$/

const random = randomNumbers(5)
const below = (n: number): number => Math.floor(random() * n)
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))

describe('fromBase64', () => {
  it('reads what was written, with padding and without', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = bytesOf(length)
      const text = Buffer.from(bytes).toString('base64')
      expect(fromBase64(text)).toEqual(bytes)
      expect(fromBase64(text.replace(/=+$/, ''))).toEqual(bytes)
    }
    const large = Buffer.from(bytesOf(300_000))
    expect(large.equals(fromBase64(large.toString('base64'))!)).toBe(true)
  })

  // U+0141 ends in the byte of A; - and _ are letters of base64url, which Node reads too.
  const strangers = ['=', ' ', '\n', '-', '_', '*', '\0', '\u00c1', '\u0141', '\u{1f600}']

  it('takes one stranger at no place', () => {
    for (const length of [6, 7, 8, 9])
      for (const stranger of strangers) {
        const text = Buffer.from(bytesOf(length)).toString('base64').replace(/=+$/, '')
        for (let at = 0; at <= text.length; at++)
          for (const wrong of [
            text.slice(0, at) + stranger + text.slice(at),
            text.slice(0, at) + stranger + text.slice(at + 1),
          ]) {
            const read = fromBase64(wrong)
            expect(read !== undefined, JSON.stringify(wrong)).toBe(pattern.test(wrong))
            if (read) expect(read).toEqual(new Uint8Array(Buffer.from(wrong, 'base64')))
          }
      }
  })

  it('takes short texts of few letters as the pattern does', () => {
    const letters = ['A', 'Q', '/', ...strangers]
    const texts = Array.from({ length: 20_000 }, () =>
      Array.from({ length: below(11) }, () => letters[below(random() < 0.7 ? 3 : letters.length)]).join(''),
    )
    expect(texts.filter(text => pattern.test(text)).length).toBeGreaterThan(2000)
    expect(texts.filter(text => (fromBase64(text) !== undefined) !== pattern.test(text))).toEqual([])
  })
})
