import { VocabularyError } from '@viscpm/core'

/** Tokens by id and ids by token, newline and space under their own characters. */
export interface Vocabulary {
  /** Token of each id. */
  readonly tokens: readonly string[]
  readonly ids: ReadonlyMap<string, number>
}

// `<` must be an ordinary token: otherwise an unknown run could hold one, and escaping could not be undone.
const required = ['<unk>', '<mask>', '<s>', '</s>', '<root>', '<ans>', '</n>', '</_>', '<']
const renamed: ReadonlyMap<string, string> = new Map([
  ['</n>', '\n'],
  ['</_>', ' '],
])

const loneSurrogate = /\p{Surrogate}/u
const formatHint = 'a CPM-Bee vocabulary (bee.txt) has one token a line in UTF-8; the line number is the id'

/** Bytes to text; a byte that is not UTF-8 is an error naming its line. */
function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    let line = 1
    for (let start = 0; start < bytes.length; line++) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline < 0 ? bytes.length : newline + 1
      try {
        decoder.decode(bytes.subarray(start, end))
      } catch {
        break
      }
      start = end
    }
    throw new VocabularyError({ message: `${name}: line ${line} is not UTF-8`, hint: formatHint, cause })
  }
}

/**
 * Reads a vocabulary as upstream's `load_vocab` does: one token a line, any line ending, empty lines skipped.
 * The names `</n>` and `</_>` disappear and their ids belong to newline and space.
 * Upstream lets a repeated line shift all later ids; here it is an error.
 *
 * @throws VocabularyError empty file, not UTF-8, lone surrogate, repeated or missing token; with line numbers
 */
export function parseVocabulary(source: string | Uint8Array, name: string): Vocabulary {
  const fail = (message: string, hint = formatHint) => new VocabularyError({ message: `${name}: ${message}`, hint })
  const text = typeof source === 'string' ? source.replace(/^\uFEFF/, '') : decodeUtf8(source, name)
  const lines = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n')

  const broken = loneSurrogate.test(text)
  const tokens: string[] = []
  const ids = new Map<string, number>()
  const lineOf: number[] = []
  for (const [index, written] of lines.entries()) {
    if (written === '') continue
    const line = index + 1
    if (broken && loneSurrogate.test(written)) throw fail(`line ${line} has half of a surrogate pair`)
    const token = renamed.get(written) ?? written
    const previous = ids.get(token)
    if (previous !== undefined) {
      throw fail(`line ${line} repeats ${JSON.stringify(written)} of line ${lineOf[previous]}`)
    }
    ids.set(token, tokens.length)
    tokens.push(token)
    lineOf.push(line)
  }

  if (tokens.length === 0) throw fail('the file is empty')
  const missing = required.filter(token => !ids.has(renamed.get(token) ?? token))
  if (missing.length > 0) {
    throw fail(`none of its ${lines.length} lines is ${missing.map(token => JSON.stringify(token)).join(', ')}`)
  }
  return { tokens, ids }
}
