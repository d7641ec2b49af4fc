import { TokenizerError } from '@viscpm/core'
import { escapeText, unescapeText } from './escape.js'
import { codePoints, splitParts } from './parts.js'
import { PieceTrie } from './piece-trie.js'
import { parseVocabulary, type Vocabulary } from './vocabulary.js'

/** One token of a text, before it becomes an id. */
export interface Token {
  readonly text: string
  /** Code points before it in the text, `<<` counted as one. */
  readonly start: number
  /** A run of characters that the vocabulary does not have. */
  readonly isUnknown: boolean
  /** Written as `<...>`, in the vocabulary or not. */
  readonly isSpecial: boolean
}

/** Unknown runs and unknown special tokens: id = vocabulary size + order of appearance. */
export type ExtTable = ReadonlyMap<number, string>

/** Ids of a text and the table that they refer to. */
export interface Encoding {
  readonly ids: number[]
  readonly extTable: ExtTable
}

/** Receives the tokens of a text in order; `part` holds the piece or run at [from, to). */
interface TokenSink {
  piece(id: number, part: string, from: number, to: number): void
  unknown(part: string, from: number, to: number): void
  special(token: string): void
}

const noTable: ExtTable = new Map()

/**
 * CPM-Bee's tokenizer: greedy longest match over a word list, special tokens as `<name>`, unknown words in a table
 * beside the ids. Works on code points; any string can be encoded once it went through `escapeText`.
 * Source: VisCPM, cpm_tokenizers/bee.py.
 */
export class CpmBeeTokenizer {
  readonly vocabSize: number
  /** Code points of the longest token. */
  readonly maxTokenLength: number
  /** Names that are read only as `<...>`, never found in running text. */
  readonly specialTokens: ReadonlyMap<string, number>
  readonly unkId: number
  readonly maskId: number
  readonly bosId: number
  readonly eosId: number
  readonly ansId: number
  readonly newlineId: number
  readonly spaceId: number
  private readonly tokens: readonly string[]
  private readonly ids: ReadonlyMap<string, number>
  private readonly pieces: PieceTrie

  private constructor({ tokens, ids }: Vocabulary) {
    this.tokens = tokens
    this.ids = ids
    this.vocabSize = tokens.length
    this.maxTokenLength = tokens.reduce((longest, token) => Math.max(longest, codePoints(token)), 0)
    this.specialTokens = new Map([...ids].filter(([token]) => token.startsWith('<') && token.endsWith('>')))
    this.pieces = new PieceTrie([...ids].filter(([token]) => !this.specialTokens.has(token)))
    const known = (token: string) => ids.get(token)!
    this.unkId = known('<unk>')
    this.maskId = known('<mask>')
    this.bosId = known('<s>')
    this.eosId = known('</s>')
    this.ansId = known('<ans>')
    this.newlineId = known('\n')
    this.spaceId = known(' ')
  }

  /**
   * Builds the tokenizer from a vocabulary file's content: one token a line, UTF-8, id = line number from 0.
   * @param name how error messages call the file
   * @throws VocabularyError empty, not UTF-8, repeated or missing tokens
   */
  static fromVocabulary(vocabulary: string | Uint8Array, name: string = 'vocabulary'): CpmBeeTokenizer {
    return new CpmBeeTokenizer(parseVocabulary(vocabulary, name))
  }

  /** Id of a vocabulary token, special or not. */
  idOf(token: string): number | undefined {
    return this.ids.get(token)
  }

  /** `escapeText`: makes typed text safe to encode. */
  escape(text: string): string {
    return escapeText(text)
  }

  /** `unescapeText`: turns `<<` of decoded text into `<`. */
  unescape(text: string): string {
    return unescapeText(text)
  }

  /** Tokens of a text in CPM-Bee's syntax. @throws TokenizerError a `<` that is neither `<<` nor a whole `<...>` */
  tokenize(text: string): Token[] {
    const tokens: Token[] = []
    let start = 0
    const add = (token: string, isUnknown: boolean, isSpecial: boolean) => {
      tokens.push({ text: token, start, isUnknown, isSpecial })
      start += codePoints(token)
    }
    this.scan(text, {
      piece: (_, part, from, to) => add(part.slice(from, to), false, false),
      unknown: (part, from, to) => add(part.slice(from, to), true, false),
      special: token => add(token, false, true),
    })
    return tokens
  }

  /**
   * Ids of a text in CPM-Bee's syntax. Unknown runs and special tokens continue `past`, which is not changed.
   * @throws TokenizerError a `<` that is neither `<<` nor a whole `<...>`
   */
  encode(text: string, past: ExtTable = noTable): Encoding {
    const ids: number[] = []
    const extTable = new Map(past)
    const extIds = new Map<string, number>()
    for (const [id, token] of past) extIds.set(token, id)
    const pushExt = (token: string) => {
      let id = extIds.get(token)
      if (id === undefined) {
        id = this.vocabSize + extIds.size
        extIds.set(token, id)
        extTable.set(id, token)
      }
      ids.push(id)
    }
    this.scan(text, {
      piece: id => {
        ids.push(id)
      },
      unknown: (part, from, to) => pushExt(part.slice(from, to)),
      special: token => {
        const id = this.ids.get(token)
        if (id === undefined) pushExt(token)
        else ids.push(id)
      },
    })
    return { ids, extTable }
  }

  /**
   * Text of ids, in CPM-Bee's syntax: `<` of ordinary tokens comes out as `<<`. Negative ids are skipped.
   * For people use `textOf` or a `TokenDecoder`.
   * @throws TokenizerError an id that neither the vocabulary nor the table has
   */
  decode(ids: Iterable<number>, extTable: ExtTable = noTable): string {
    let text = ''
    for (const id of ids) {
      const piece = this.textOf(id, extTable)
      text += extTable.has(id) || this.specialTokens.has(piece) ? piece : escapeText(piece)
    }
    return text
  }

  /** What one id says to a reader, nothing escaped. Negative ids say nothing. @throws TokenizerError unknown id */
  textOf(id: number, extTable: ExtTable = noTable): string {
    const ext = extTable.get(id)
    if (ext !== undefined) return ext
    if (id < 0) return ''
    const token = this.tokens[id]
    if (token === undefined) {
      throw new TokenizerError({
        message: `no token has id ${id}`,
        hint: `the vocabulary has ${this.vocabSize} tokens; ids after them need the extension table of their input`,
      })
    }
    return token
  }

  private scan(text: string, sink: TokenSink): void {
    for (const part of splitParts(text)) {
      if (part.special) sink.special(part.text)
      else this.scanPlain(part.text, sink)
    }
  }

  private scanPlain(part: string, sink: TokenSink): void {
    const pieces = this.pieces
    let unknownFrom = 0
    for (let at = 0; at < part.length; ) {
      const id = pieces.longest(part, at)
      if (id < 0) {
        at += part.codePointAt(at)! > 0xffff ? 2 : 1
        continue
      }
      if (unknownFrom < at) sink.unknown(part, unknownFrom, at)
      sink.piece(id, part, at, pieces.end)
      at = pieces.end
      unknownFrom = at
    }
    if (unknownFrom < part.length) sink.unknown(part, unknownFrom, part.length)
  }
}
