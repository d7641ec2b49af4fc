import { InvalidArgumentError, NonFiniteError, type TaskOptions, type Tensor, tensor } from '@viscpm/core'
import type { CpmBeeTokenizer, PaintBatch } from '@viscpm/tokenizer'
import type { ForwardInput, ForwardModel } from '../model/forward.js'
import { type PromptOptions, type PromptPair, packPrompts } from './pack-prompts.js'

/** Hidden states of both texts after the last norm, float32 [1, tokens, dim]: equally long, rows of padding included. */
export interface EncodedPrompts {
  readonly prompt: Tensor<'float32'>
  readonly negativePrompt: Tensor<'float32'>
  /** Tokens of each text before padding. */
  readonly lengths: readonly [prompt: number, negativePrompt: number]
}

/** Turns a prompt and a negative prompt into hidden states: the seam for other text encoders. */
export interface PromptEncoder {
  /** Width of the hidden states. */
  readonly dim: number
  encode(pair: PromptPair, options?: PromptOptions & TaskOptions): Promise<EncodedPrompts>
}

export interface CpmBeeTextEncoderParts {
  /** Resident, or streamed from its file: the states are the same. */
  readonly model: ForwardModel
  readonly tokenizer: CpmBeeTokenizer
  /** Negative prompts whose states are kept, by text and padded length. Default 8. */
  readonly kept?: number
}

/**
 * CPM-Bee as VisCPM-Paint's text encoder. The shorter text is padded to the longer, and its padding rows are kept: they
 * see nothing, but pass through the feed-forwards, and the UNet attends to them. Source: VLG_CPMBee.generate.
 */
export class CpmBeeTextEncoder implements PromptEncoder {
  readonly dim: number
  readonly #parts: CpmBeeTextEncoderParts
  /** Negative prompts are few (mostly the empty one), their padded lengths not many. */
  readonly #known = new Map<string, Tensor<'float32'>>()

  constructor(parts: CpmBeeTextEncoderParts) {
    this.dim = parts.model.config.dimModel
    this.#parts = parts
    const { kept = 8 } = parts
    if (!Number.isSafeInteger(kept) || kept < 0)
      throw new InvalidArgumentError({ argument: 'kept', message: `must be a whole number from 0 on, not ${kept}` })
  }

  /** @throws as `packPrompts`, and NonFiniteError, SessionError, DisposedError; the signal's reason when aborted */
  async encode(pair: PromptPair, options: PromptOptions & TaskOptions = {}): Promise<EncodedPrompts> {
    options.signal?.throwIfAborted()
    const { batch, texts } = packPrompts(this.#parts.tokenizer, pair, options)
    const key = `${batch.maxLength}:${texts[1]}`
    const known = this.#known.get(key)
    options.onProgress?.({ phase: 'text', done: 0, total: 1, unit: 'steps' })
    const rows = await this.#run(batch, known ? 1 : 2, options)
    const negativePrompt = known ?? rows[1]!
    this.#keep(key, negativePrompt)
    options.onProgress?.({ phase: 'text', done: 1, total: 1, unit: 'steps' })
    return { prompt: rows[0]!, negativePrompt, lengths: [batch.length[0]!, batch.length[1]!] }
  }

  /** The first `count` rows in one pass: the weights are read once for both. */
  async #run(packed: PaintBatch, count: number, { signal, onProgress }: TaskOptions): Promise<Tensor<'float32'>[]> {
    const { maxLength } = packed
    const task: TaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    const { hidden_states } = await this.#parts.model.forward(promptInput(packed, count), ['hidden_states'], task)
    const data = hidden_states!.data as Float32Array
    const bad = data.findIndex(v => !Number.isFinite(v))
    if (bad >= 0)
      throw new NonFiniteError({
        message: `the text encoder gives ${data[bad]}`,
        hint: 'The weights hold NaN or infinity: the file is damaged, or half precision overflows.',
      })
    const size = maxLength * this.dim
    return Array.from({ length: count }, (_, i) =>
      tensor('float32', data.slice(i * size, (i + 1) * size), [1, maxLength, this.dim]),
    )
  }

  #keep(key: string, states: Tensor<'float32'>): void {
    this.#known.delete(key)
    this.#known.set(key, states)
    const [oldest] = this.#known.keys()
    if (this.#known.size > (this.#parts.kept ?? 8) && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** The first rows of a packed batch of prompts as arguments of `forward`. */
export function promptInput(packed: PaintBatch, batch: number = packed.batch): ForwardInput {
  const { maxLength: length, segmentRelLength } = packed
  const rows = <T extends Int32Array | Uint8Array>(values: T): T => values.subarray(0, batch * length) as T
  return {
    batch,
    length,
    lengths: packed.length.subarray(0, batch),
    inputIds: rows(packed.inputIds),
    inputIdSubs: rows(packed.inputIdSubs),
    context: rows(packed.context),
    sampleIds: rows(packed.sampleIds),
    numSegments: rows(packed.numSegments),
    segmentIds: rows(packed.segmentIds),
    segmentRelOffset: rows(packed.segmentRelOffset),
    spans: rows(packed.span),
    segmentRel: packed.segmentRel.subarray(0, batch * segmentRelLength),
    segmentRelLength,
    extTableIds: packed.extTableIds,
    extTableSub: packed.extTableSub,
  }
}
