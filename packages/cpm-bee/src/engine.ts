import type { TaskOptions } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'

/** One new token of one hypothesis. */
export interface DecodeRow {
  /** Row of the previous step that this one continues; -1 continues the bare prompt. */
  readonly parent: number
  readonly id: number
  readonly sub: number
  /** Position inside the answer, from 0. */
  readonly position: number
  /** Segment id of the answer slot (PackedSample.predictSegments). */
  readonly segment: number
}

/** Logits of one step: `data` is [rows, width], width = vocabulary + ext table. */
export interface StepLogits {
  readonly rows: number
  readonly width: number
  readonly data: Float32Array
}

/**
 * A prompt that has been read once, with the answers growing from it. All hypotheses share its cache:
 * choosing a parent is all that reordering costs.
 */
export interface Generation {
  /** Feeds one token per live hypothesis. @throws DisposedError */
  step(rows: readonly DecodeRow[], options?: TaskOptions): Promise<StepLogits>
  /** Frees the cache. The model stays usable. */
  dispose(): void
}

/** Pictures' hidden states for one sample: [images * queries, dim] rows for its `imageBound` placeholders. */
export interface VisionRows {
  readonly data: Float32Array
  readonly rows: number
}

/** What decoding needs of a language model; ids and tensors only. */
export interface LanguageModel {
  readonly vocabSize: number
  /**
   * Reads row `sample` of a packed batch once. Padding rows are skipped.
   * `vision` replaces the embeddings of the sample's picture placeholders.
   */
  prefill(batch: PackedBatch, sample: number, options?: TaskOptions & { vision?: VisionRows }): Promise<Generation>
}
