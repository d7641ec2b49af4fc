/**
 * One sample as the language model takes it. All per-token arrays have `length` elements.
 * Names are upstream's (`_convert_to_tensors`), in camelCase.
 */
export interface PackedSample {
  readonly length: number
  readonly inputIds: Int32Array
  /** Number of the special token within its group; 0 for ordinary tokens. */
  readonly inputIdSubs: Int32Array
  /** 0..length-1. */
  readonly inputPos: Int32Array
  /** 1 = visible to every token (input), 0 = to be predicted. */
  readonly context: Uint8Array
  readonly sampleIds: Int32Array
  readonly segmentIds: Int32Array
  /** Start of the sample's block in `segmentRel`. */
  readonly segmentRelOffset: Int32Array
  /** Number of segments of the sample each token is of; 0 marks padding. */
  readonly numSegments: Int32Array
  /** Flat [n, n] table, row = query's segment, column = key's: 0 same, else up * maxDepth + down + 1 (`relToBucket`). */
  readonly segmentRel: Int32Array
  /** [segment id, answer number] of every answer slot, in order. */
  readonly predictSegments: readonly (readonly [segment: number, answer: number])[]
  /** Keys below `<ans>` that lead to each answer, answer number 1 first; empty where `<ans>` is the answer itself. */
  readonly answerPlaceholders: readonly (readonly string[])[]
  /** Inside of the picture's placeholders, [start, end) per picture. */
  readonly imageBound: readonly (readonly [start: number, end: number])[]
  /** Unknown words and specials of this sample: id = vocabulary size + index. */
  readonly extTable: ReadonlyMap<number, string>
  /** Sub ids in use, per special token name. */
  readonly tokenIdTable: ReadonlyMap<string, ReadonlyMap<number, number>>
}

/** A batch of samples, left-padded to one length. Per-token arrays are [batch, length], row-major. */
export interface PackedBatch {
  readonly batch: number
  readonly length: number
  readonly inputIds: Int32Array
  readonly inputIdSubs: Int32Array
  readonly inputPos: Int32Array
  readonly context: Uint8Array
  readonly sampleIds: Int32Array
  readonly segmentIds: Int32Array
  readonly segmentRelOffset: Int32Array
  readonly numSegments: Int32Array
  /** [batch, segmentRelLength], right-padded with 0. */
  readonly segmentRel: Int32Array
  readonly segmentRelLength: number
  /** Columns after the vocabulary in the logits: base id and sub id of each. */
  readonly extTableIds: Int32Array
  readonly extTableSub: Int32Array
  /** Per sample, as the model saw it before padding. */
  readonly samples: readonly PackedSample[]
  /** Per sample: text of ext ids (vocabulary size + column, or a plain base id whose sub is 0). */
  readonly extTexts: readonly ReadonlyMap<number, string>[]
  /** Per sample, unpadded. */
  readonly imageBounds: readonly (readonly (readonly [start: number, end: number])[])[]
}
