import { TokenizerError } from '@viscpm/core'

/** A stretch of raw text: plain (with `<<` already turned into `<`), or one special token `<...>`. */
export interface Part {
  readonly text: string
  readonly special: boolean
}

/** Code points in `text`; a lone surrogate counts as one. */
export function codePoints(text: string, until: number = text.length): number {
  let count = 0
  for (let i = 0; i < until; i++) {
    // A low surrogate after a high one belongs to the code point already counted.
    const unit = text.charCodeAt(i)
    const paired = unit >= 0xdc00 && unit <= 0xdfff && i > 0 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800
    if (!paired) count++
  }
  return count
}

const hint = 'typed text has to go through escapeText before it is encoded'

function unexpectedEnd(text: string): TokenizerError {
  const shown = text.length > 2000 ? `${text.slice(0, 2000)}...` : text
  return new TokenizerError({ message: `Unexpected end of text \`${shown}\``, hint })
}

/**
 * Splits text in CPM-Bee's syntax. `<<` is a literal `<`; any other `<` opens a special token that ends at the next
 * `>`, where the character right after `<` is taken as it is (`<>a>` is one token).
 * Source: CPMBeeTokenizer.tokenize, with its error messages.
 *
 * @throws TokenizerError a `<` inside a special token, or a special token that does not end
 */
export function splitParts(text: string): Part[] {
  const parts: Part[] = []
  let plain = ''
  let from = 0
  for (;;) {
    const open = text.indexOf('<', from)
    if (open < 0) break
    plain += text.slice(from, open)
    if (open + 1 === text.length) throw unexpectedEnd(text)
    if (text[open + 1] === '<') {
      plain += '<'
      from = open + 2
      continue
    }
    const close = text.indexOf('>', open + 2)
    const nested = text.indexOf('<', open + 2)
    if (nested >= 0 && (close < 0 || nested < close)) {
      throw new TokenizerError({ message: `Invalid special token at pos ${codePoints(text, nested)}`, hint })
    }
    if (close < 0) throw unexpectedEnd(text)
    if (plain !== '') parts.push({ text: plain, special: false })
    parts.push({ text: text.slice(open, close + 1), special: true })
    plain = ''
    from = close + 1
  }
  plain += text.slice(from)
  if (plain !== '') parts.push({ text: plain, special: false })
  return parts
}
