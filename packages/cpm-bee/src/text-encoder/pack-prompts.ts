import { ContextTooLongError, InvalidArgumentError } from '@viscpm/core'
import { type CpmBeeTokenizer, collatePaint, escapeText, type PaintBatch, paintItem } from '@viscpm/tokenizer'

export interface PromptPair {
  /** What to paint; may be empty. */
  readonly prompt: string
  /** What not to paint. Default '': upstream's unconditional text is an empty caption, not a null embedding. */
  readonly negativePrompt?: string
}

export interface PromptOptions {
  /**
   * 'text' (default): both are plain text, and nothing typed can become a control token.
   * 'raw': both are in CPM-Bee's syntax, as the original takes them (`<<` is a `<`, `<mask>` a token).
   */
  readonly syntax?: 'text' | 'raw'
  /** Most tokens of each text, the 13 of the packing included. Default 1024. */
  readonly maxTokens?: number
}

/** Both texts, packed to one length. */
export interface PackedPrompts {
  /** Row 0 is the prompt, row 1 the negative prompt; padded with 0 on the right to the longer. */
  readonly batch: PaintBatch
  /** In CPM-Bee's syntax. */
  readonly texts: readonly [prompt: string, negativePrompt: string]
}

/** Longer texts are refused before they are tokenized: no vocabulary has tokens of this length. */
const charactersPerToken = 64

/**
 * Packs prompt and negative prompt as paint's text encoder takes them. Cheap: checks a request before any model runs.
 * Source: VisCPMPaint.build_input.
 * @throws InvalidArgumentError for a text that is no string, or an unknown syntax
 * @throws ContextTooLongError naming the text, its tokens and the limit
 * @throws TokenizerError for broken raw syntax
 */
export function packPrompts(
  tokenizer: CpmBeeTokenizer,
  { prompt, negativePrompt = '' }: PromptPair,
  { syntax = 'text', maxTokens = 1024 }: PromptOptions = {},
): PackedPrompts {
  if (syntax !== 'text' && syntax !== 'raw')
    throw new InvalidArgumentError({ argument: 'syntax', message: `must be 'text' or 'raw', not ${String(syntax)}` })
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
    throw new InvalidArgumentError({
      argument: 'maxTokens',
      message: `must be a positive whole number, not ${maxTokens}`,
    })
  const packed = (argument: string, typed: unknown) => {
    if (typeof typed !== 'string') throw new InvalidArgumentError({ argument, message: 'must be a string' })
    const tooLong = (length: number, found: string) =>
      new ContextTooLongError({
        length,
        limit: maxTokens,
        message: `${argument}: ${found}; the text encoder reads at most ${maxTokens} tokens`,
        hint: 'Shorten the text.',
      })
    if (typed.length > maxTokens * charactersPerToken) throw tooLong(typed.length, `${typed.length} characters`)
    const item = paintItem(tokenizer, syntax === 'raw' ? typed : escapeText(typed))
    const tokens = item.data.ids.length
    if (tokens > maxTokens) throw tooLong(tokens, `${typed.length} characters are ${tokens} tokens`)
    return item
  }
  const items = [packed('prompt', prompt), packed('negativePrompt', negativePrompt)] as const
  return { batch: collatePaint(tokenizer, items), texts: [items[0].rawData, items[1].rawData] }
}
