import { Tokenizer } from '@huggingface/tokenizers'
import { ContextTooLongError, InvalidArgumentError, VocabularyError } from '../errors.js'
import { type BertTokenizerConfig, bertTokenizerDefaults, parseTokenizerConfig } from './tokenizer-config.js'

export interface EncodeOptions {
  /** Most tokens, [CLS] and [SEP] included. Default: no limit. */
  readonly maxTokens?: number
  /** Cut what is longer than `maxTokens`, as transformers' `truncation=True` does. Default false: that is an error. */
  readonly truncate?: boolean
}

/** Files of a model; `openModelFolder` of '@viscpm/core/node' gives one. */
export interface TokenizerFiles {
  at(name: string): string
  bytes(name: string): Promise<Uint8Array>
  jsonIfThere<T>(name: string, parse: (json: unknown) => T): Promise<T | undefined>
}

/** What we use of the library, whose own types do not resolve under NodeNext. */
interface WordPiece {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: readonly number[] }
}

/** Ideographs beyond 16 bits; 2B820..2B91F is left out as BertTokenizerFast does. */
const wideIdeographs = /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu

/** BERT's WordPiece tokenizer, as transformers' BertTokenizerFast. */
export class BertTokenizer {
  /** Entries of the vocabulary. */
  readonly size: number
  /** What shorter texts of a batch are filled up with. */
  readonly padId: number
  readonly #clsId: number
  readonly #sepId: number
  readonly #config: BertTokenizerConfig
  readonly #words: WordPiece

  private constructor(
    vocabulary: ReadonlyMap<string, number>,
    size: number,
    config: BertTokenizerConfig,
    file: string,
  ) {
    const special = (token: string): number => {
      const id = vocabulary.get(token)
      if (id === undefined)
        throw new VocabularyError({
          message: `${file}: no ${token}`,
          hint: "A BERT vocabulary is needed: the model folder's vocab.txt, one token a line.",
        })
      return id
    }
    this.size = size
    this.#config = config
    this.padId = special(config.pad)
    this.#clsId = special(config.cls)
    this.#sepId = special(config.sep)
    special(config.unk)
    const added = [config.unk, config.sep, config.pad, config.cls, config.mask].filter(token => vocabulary.has(token))
    this.#words = new Tokenizer(
      {
        added_tokens: added.map(content => ({ id: vocabulary.get(content)!, content, special: true })),
        normalizer: {
          type: 'BertNormalizer',
          clean_text: true,
          handle_chinese_chars: config.isolateIdeographs,
          strip_accents: config.stripAccents ?? null,
          lowercase: config.lowerCase,
        },
        pre_tokenizer: { type: 'BertPreTokenizer' },
        post_processor: null,
        decoder: null,
        model: {
          type: 'WordPiece',
          vocab: Object.fromEntries(vocabulary),
          unk_token: config.unk,
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
        },
      },
      {},
    ) as WordPiece
  }

  /**
   * @param vocabulary the text of `vocab.txt`: one token a line, its id being the line's number from 0.
   * @param file for messages.
   * @throws VocabularyError when it is not UTF-8 or lacks a special token.
   */
  static fromVocabulary(
    vocabulary: string | Uint8Array,
    config: BertTokenizerConfig = bertTokenizerDefaults,
    file = 'vocab.txt',
  ): BertTokenizer {
    const lines = decoded(vocabulary, file).split(/\r\n|[\r\n]/)
    if (lines.at(-1) === '') lines.pop()
    return new BertTokenizer(new Map(lines.map((token, id) => [token, id])), lines.length, config, file)
  }

  /**
   * From `vocab.txt`, and `tokenizer_config.json` if it is there.
   * @throws VocabularyError, ConfigError, and what reading the files throws
   */
  static async fromFolder(files: TokenizerFiles): Promise<BertTokenizer> {
    const vocabulary = await files.bytes('vocab.txt')
    const config = await files.jsonIfThere('tokenizer_config.json', parseTokenizerConfig)
    return BertTokenizer.fromVocabulary(vocabulary, config, files.at('vocab.txt'))
  }

  /**
   * Ids of a text between [CLS] and [SEP]. Special tokens written in the text become their ids, as upstream's do.
   * @throws ContextTooLongError when there are more than `maxTokens` and `truncate` is not set.
   */
  encode(text: string, { maxTokens = Number.POSITIVE_INFINITY, truncate = false }: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') throw new InvalidArgumentError({ argument: 'text', message: 'must be a string' })
    const { ids } = this.#words.encode(this.#prepared(text), { add_special_tokens: false })
    const length = ids.length + 2
    if (length > maxTokens && !truncate)
      throw new ContextTooLongError({
        length,
        limit: maxTokens,
        message: `the text has ${length} tokens ([CLS] and [SEP] included), the model reads at most ${maxTokens}`,
        hint: 'Shorten it, or set truncate: true to use its beginning only.',
      })
    return [this.#clsId, ...ids.slice(0, Math.max(0, maxTokens - 2)), this.#sepId]
  }

  /** @throws VocabularyError when it has more tokens than the model's table has rows. */
  checkFits(vocabSize: number): void {
    if (this.size > vocabSize)
      throw new VocabularyError({
        message: `the vocabulary has ${this.size} tokens, the model ${vocabSize}`,
        hint: 'vocab.txt and config.json must be of one model.',
      })
  }

  /** Where the library's normaliser differs from BertTokenizerFast's: it knows 16-bit ideographs only, and final sigma. */
  #prepared(text: string): string {
    const { isolateIdeographs, lowerCase } = this.#config
    const isolated = isolateIdeographs ? text.replace(wideIdeographs, ' $& ') : text
    return lowerCase ? isolated.replaceAll('Σ', 'σ') : isolated
  }
}

function decoded(vocabulary: string | Uint8Array, file: string): string {
  if (typeof vocabulary === 'string') return vocabulary
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(vocabulary)
  } catch (cause) {
    throw new VocabularyError({ message: `${file}: not UTF-8 text`, cause })
  }
}
