import type { TaskOptions } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'

/** One new token of one hypothesis. */
export interface DecodeRow {
  /** Row of the previous step that this one continues; -1 continues the bare prompt. With `sameStep` a row of this step. */
  readonly parent: number
  /** `parent` is an earlier row of this very step: several tokens of one answer are fed at once. */
  readonly sameStep?: boolean
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
  /**
   * Feeds one token per live hypothesis, or several of one (`sameStep`). A hypothesis that no row continues is gone, and
   * its place in the cache is used again: tokens fed on trial are taken back by not continuing them.
   * @throws DisposedError; InvalidArgumentError for a parent that is not there
   */
  step(rows: readonly DecodeRow[], options?: TaskOptions): Promise<StepLogits>
  /** Bytes that the cache takes now, where the model knows. */
  readonly cacheBytes?: number
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
   * Whether a token's logits are the same, up to the rounding of float32, fed alone or in one step with others of its answer.
   * Then lookup is on unless it is turned off; otherwise (absent) it has to be asked for.
   */
  readonly rowsAgree?: boolean
  /**
   * Reads row `sample` of a packed batch once. Padding rows are skipped.
   * `vision` replaces the embeddings of the sample's picture placeholders.
   */
  prefill(batch: PackedBatch, sample: number, options?: TaskOptions & { vision?: VisionRows }): Promise<Generation>
}
