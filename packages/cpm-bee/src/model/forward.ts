import { bool, int32, type TaskOptions, type Tensor, tensor, zeros } from '@viscpm/core'
import type { CpmBeeConfig } from '../config.js'
import type { VisionRows } from '../engine.js'
import { biasRow, checkRelations, withPast } from './attention-index.js'
import type { CacheLayout } from './cache-layout.js'
import { PositionBuckets } from './position-buckets.js'

/**
 * A whole batch at once, without a cache: arguments of upstream's forward(). Per-token arrays are [batch, length].
 * Tokens with context 0 see what stands before them, all others see every token with context 1.
 */
export interface ForwardInput {
  readonly batch: number
  readonly length: number
  readonly inputIds: Int32Array
  readonly inputIdSubs: Int32Array
  /** Valid tokens of each row, [batch]; the rest is padding on the right. */
  readonly lengths: ArrayLike<number>
  readonly context: Uint8Array
  readonly sampleIds: Int32Array
  readonly numSegments: Int32Array
  readonly segmentIds: Int32Array
  readonly segmentRelOffset: Int32Array
  /** [batch, segmentRelLength] */
  readonly segmentRel: Int32Array
  readonly segmentRelLength: number
  /** Tokens of different spans do not see each other; default all 0. */
  readonly spans?: Int32Array
  readonly extTableIds: Int32Array
  readonly extTableSub: Int32Array
  /** Pictures' hidden states, and which of their rows stands in for each token's embedding (-1: none), [batch, length]. */
  readonly vision?: VisionRows & { readonly rowOf: Int32Array }
}

/** Attention mask and position bias rows of `forward()`, both [batch, length, length]. */
export function forwardAttention(input: ForwardInput, config: CpmBeeConfig): { mask: Uint8Array; index: Int32Array } {
  const { batch, length, spans } = input
  checkRelations(input.segmentRel, config.positionBiasNumSegmentBuckets)
  const buckets = new PositionBuckets(config.positionBiasNumBuckets, config.positionBiasMaxDistance).reach(length)
  const mask = new Uint8Array(batch * length * length)
  const index = new Int32Array(mask.length)
  for (let b = 0, at = 0; b < batch; b++)
    for (let q = 0; q < length; q++)
      for (let k = 0; k < length; k++, at++) {
        const i = b * length + q
        const j = b * length + k
        const sameSample = input.sampleIds[i] === input.sampleIds[j]
        const sameSpan = !spans || spans[i] === spans[j]
        const relation =
          sameSample && sameSpan
            ? input.segmentRel[
                b * input.segmentRelLength +
                  input.segmentIds[i]! * input.numSegments[i]! +
                  input.segmentIds[j]! +
                  input.segmentRelOffset[i]!
              ]!
            : 1
        index[at] = biasRow(buckets, config.positionBiasNumBuckets, relation, q, k)
        const inside = q < input.lengths[b]! && k < input.lengths[b]!
        const ordered = input.context[j] === 1 || (input.context[i] === 0 && k <= q)
        mask[at] = inside && ordered && sameSpan && (input.sampleIds[i] === 0 || sameSample) ? 1 : 0
      }
  return { mask, index }
}

/** A pass through every layer to the hidden states after the last norm: what the text encoder needs of a model. */
export interface ForwardModel {
  readonly config: CpmBeeConfig
  /**
   * @returns `hidden_states` float32 [batch, length, dim], or those of `outputs`
   * @throws SessionError, DisposedError, InvalidArgumentError for an output that it has not; the signal's reason when aborted
   */
  forward(input: ForwardInput, outputs?: readonly string[], task?: TaskOptions): Promise<Record<string, Tensor>>
  /** Frees the weights. */
  dispose(): Promise<void>
}

/** Feeds of `CpmBeeNetwork`'s embeddings. */
function embeddingFeeds({ batch, length, vision, ...input }: ForwardInput, dim: number): Record<string, Tensor> {
  const shape = [batch, length]
  const rowOf = (token: number): number => vision?.rowOf[token] ?? -1
  const index = Int32Array.from({ length: batch * length }, (_, i) => (rowOf(i) < 0 ? i : batch * length + rowOf(i)))
  return {
    input_ids: int32(input.inputIds, shape),
    input_id_subs: int32(input.inputIdSubs, shape),
    embedding_index: int32(index, shape),
    vision_hidden_states: vision ? tensor('float32', vision.data, [vision.rows, dim]) : zeros('float32', [0, dim]),
  }
}

/** Feeds of a run of layers alone (`CpmBeeNetwork.buildLayers`), but for `hidden`. */
export function layerFeeds(input: ForwardInput, config: CpmBeeConfig): Record<string, Tensor> {
  const { batch, length } = input
  const { mask, index } = forwardAttention(input, config)
  const past = zeros('float32', [batch, config.numHeads, 0, config.dimHead])
  return {
    ...embeddingFeeds(input, config.dimModel),
    bias_index: int32(index, [batch, length, length]),
    attention_mask: bool(mask, [batch, length, length]),
    past_key: past,
    past_value: past,
  }
}

/** Feeds of the whole graph for `forward()`; no cache, logits of every token or (`logits` false) of none. */
export function forwardFeeds(
  input: ForwardInput,
  config: CpmBeeConfig,
  cache: CacheLayout,
  logits = true,
): Record<string, Tensor> {
  const { batch, length } = input
  const { mask, index } = forwardAttention(input, config)
  const past = cache.emptySlots
  return {
    ...cache.empty(batch),
    ...embeddingFeeds(input, config.dimModel),
    bias_index: int32(withPast(index, length, past), [batch, length, past + length]),
    attention_mask: bool(withPast(mask, length, past), [batch, length, past + length]),
    ext_table_ids: int32(input.extTableIds),
    ext_table_sub: int32(input.extTableSub),
    logit_rows: int32(Int32Array.from({ length: logits ? batch * length : 0 }, (_, i) => i)),
  }
}
