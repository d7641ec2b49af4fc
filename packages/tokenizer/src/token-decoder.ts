import type { CpmBeeTokenizer, ExtTable } from './tokenizer.js'

export interface TokenDecoderOptions {
  /** Unknown words of the input that the answer may repeat (PackedBatch.extTexts of the sample). */
  readonly extTable?: ExtTable
  /** Leave special tokens such as `<eod>` out of the text. Upstream shows them. Default false. */
  readonly hideSpecial?: boolean
}

/**
 * Ids of an answer to text for people, one at a time. Every id is unescaped on its own, so a `<` is never held back
 * and never merged with a neighbour: the parts joined are `unescapeText(tokenizer.decode(ids))`.
 */
export class TokenDecoder {
  private readonly tokenizer: CpmBeeTokenizer
  private readonly extTable: ExtTable
  private readonly hideSpecial: boolean

  constructor(tokenizer: CpmBeeTokenizer, { extTable = new Map(), hideSpecial = false }: TokenDecoderOptions = {}) {
    this.tokenizer = tokenizer
    this.extTable = extTable
    this.hideSpecial = hideSpecial
  }

  /** The text that `id` adds; nothing for the end of an answer. @throws TokenizerError unknown id */
  push(id: number): string {
    if (id === this.tokenizer.eosId) return ''
    const text = this.tokenizer.textOf(id, this.extTable)
    const hidden = this.hideSpecial && !this.extTable.has(id) && this.tokenizer.specialTokens.has(text)
    return hidden ? '' : text
  }

  /** Text of a whole answer. @throws TokenizerError unknown id */
  decode(ids: Iterable<number>): string {
    let text = ''
    for (const id of ids) text += this.push(id)
    return text
  }
}
