import type { PackedBatch, PackedSample } from '@viscpm/tokenizer'

/** A prompt as both sides get it: one sample, every token input. Arrays have one entry per token. */
export interface Prompt {
  readonly ids: readonly number[]
  readonly subs: readonly number[]
  readonly position: readonly number[]
  readonly segment: readonly number[]
  /** Number of segments. */
  readonly segments: number
  /** Flat [segments, segments] relation table. */
  readonly relations: readonly number[]
  readonly extIds: readonly number[]
  readonly extSubs: readonly number[]
  readonly answerSegment: number
  readonly bosId: number
}

/** Repeatable 32-bit numbers (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** A made-up prompt shaped like a chat's: some nested segments, one special with a sub id, an answer slot. */
export function makePrompt(length: number, vocabSize: number, segmentBuckets: number, seed: number): Prompt {
  const next = seeded(seed)
  const segments = 4
  const at = Array.from({ length }, (_, i) => i)
  return {
    ids: at.map(() => 10 + (next() % (vocabSize - 10))),
    subs: at.map(i => (i === 3 ? 1 : 0)),
    position: at,
    segment: at.map(i => Math.min(segments - 2, Math.floor((i * segments) / length))),
    segments,
    relations: Array.from({ length: segments * segments }, (_, i) =>
      i % (segments + 1) === 0 ? 0 : 2 + (next() % (segmentBuckets - 2)),
    ),
    extIds: [7, 8],
    extSubs: [1, 2],
    answerSegment: segments - 1,
    bosId: 6,
  }
}

/** The prompt as the tokenizer packs a batch of one. */
export function toBatch(prompt: Prompt, vocabSize: number): PackedBatch {
  const length = prompt.ids.length
  const extTable = new Map(prompt.extIds.map((_, i) => [vocabSize + i, `ext${i}`]))
  const tokens = {
    length,
    inputIds: Int32Array.from(prompt.ids),
    inputIdSubs: Int32Array.from(prompt.subs),
    inputPos: Int32Array.from(prompt.position),
    context: new Uint8Array(length).fill(1),
    sampleIds: new Int32Array(length),
    segmentIds: Int32Array.from(prompt.segment),
    segmentRelOffset: new Int32Array(length),
    numSegments: new Int32Array(length).fill(prompt.segments),
    segmentRel: Int32Array.from(prompt.relations),
  }
  const sample: PackedSample = {
    ...tokens,
    predictSegments: [[prompt.answerSegment, 1]],
    answerPlaceholders: [[]],
    imageBound: [],
    extTable,
    tokenIdTable: new Map(),
  }
  return {
    ...tokens,
    batch: 1,
    segmentRelLength: prompt.relations.length,
    extTableIds: Int32Array.from(prompt.extIds),
    extTableSub: Int32Array.from(prompt.extSubs),
    samples: [sample],
    extTexts: [extTable],
    imageBounds: [[]],
  }
}
