import { lookAlikes } from './look-alikes.js'
import { simplified } from './traditional.js'

/** What a character is to the word list; 'other' is a letter of another script. Numbers, as there is one for each character. */
export const Kind = { space: 0, sign: 1, letter: 2, digit: 3, han: 4, other: 5 } as const
export type Kind = (typeof Kind)[keyof typeof Kind]

const marks = /\p{M}+/gu
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Co}]+|(?![\t\n\v\f\r\u0085])\p{Cc}/gu
const word = /[\p{L}\p{N}]/u
const whitespace = /\s/u

/**
 * A text as its readers see it, in code points: full-width and styled forms become plain ones (NFKD), combining marks and
 * invisible characters go, letters become lower case, look-alikes Latin, traditional characters simplified. Linear time.
 */
export function fold(text: string): Uint32Array {
  // Marks go first: putting a long run of them in order takes quadratic time.
  const plain = text.replace(marks, '').normalize('NFKD').replace(marks, '').replace(invisible, '').toLowerCase()
  const codes = new Uint32Array(plain.length)
  let length = 0
  for (let i = 0; i < plain.length; i++) {
    const code = plain.codePointAt(i)!
    if (code > 0xffff) i++
    // Lower case brings marks of its own: that of 'İ'.
    if (code === 0x307) continue
    codes[length++] = code < 128 ? code : (lookAlikes.get(code) ?? simplified.get(code) ?? code)
  }
  return codes.subarray(0, length)
}

/** What kind of character a folded code point is. */
export function kindOf(code: number): Kind {
  if (code >= 97 && code <= 122) return Kind.letter
  if (code >= 48 && code <= 57) return Kind.digit
  if (code < 128) return code === 32 || (code >= 9 && code <= 13) ? Kind.space : Kind.sign
  if (isHan(code)) return Kind.han
  const character = String.fromCodePoint(code)
  return whitespace.test(character) ? Kind.space : word.test(character) ? Kind.other : Kind.sign
}

function isHan(code: number): boolean {
  return (
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0x20000 && code <= 0x3ffff) ||
    code === 0x3007
  )
}
