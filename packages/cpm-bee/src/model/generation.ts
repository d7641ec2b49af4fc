import {
  bool,
  DisposedError,
  InvalidArgumentError,
  int32,
  type Session,
  type TaskOptions,
  type Tensor,
  tensor,
  zeros,
} from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { CpmBeeConfig } from '../config.js'
import type { DecodeRow, Generation, StepLogits, VisionRows } from '../engine.js'
import { biasRow, checkRelations } from './attention-index.js'
import { KeyValueCache } from './cache.js'
import { PositionBuckets } from './position-buckets.js'

/** The unpadded tokens of one row of a batch: the sample itself, then its in-context samples. */
interface Prompt {
  readonly ids: Int32Array
  readonly subs: Int32Array
  readonly positions: Int32Array
  readonly segments: Int32Array
  readonly samples: Int32Array
  readonly numSegments: Int32Array
  readonly relationOffset: Int32Array
  readonly relations: Int32Array
  /** Row of the vision states that replaces each token's embedding, -1 for none. */
  readonly visionRow: Int32Array
}

function promptOf(batch: PackedBatch, sample: number, vision: VisionRows | undefined): Prompt {
  const start = sample * batch.length
  const kept: number[] = []
  for (let i = 0; i < batch.length; i++) if (batch.numSegments[start + i] !== 0) kept.push(start + i)
  const pick = (from: Int32Array) => Int32Array.from(kept, i => from[i]!)
  const visionRow = new Int32Array(kept.length).fill(-1)
  if (vision) {
    let row = 0
    for (const [from, to] of batch.imageBounds[sample] ?? []) for (let i = from; i < to; i++) visionRow[i] = row++
    if (row !== vision.rows)
      throw new InvalidArgumentError({
        argument: 'vision',
        message: `${vision.rows} rows of vision states for ${row} placeholders of the prompt`,
      })
  }
  const relFrom = sample * batch.segmentRelLength
  return {
    ids: pick(batch.inputIds),
    subs: pick(batch.inputIdSubs),
    positions: pick(batch.inputPos),
    segments: pick(batch.segmentIds),
    samples: pick(batch.sampleIds),
    numSegments: pick(batch.numSegments),
    relationOffset: pick(batch.segmentRelOffset),
    relations: batch.segmentRel.subarray(relFrom, relFrom + batch.segmentRelLength),
    visionRow,
  }
}

/** Relation of two tokens of different in-context samples. */
const otherSample = 1

/** Slot of a generated token and the slot list before it: a chain per hypothesis, sharing its beginning. */
interface Ancestor {
  readonly slot: number
  readonly position: number
  readonly segment: number
  readonly before: Ancestor | undefined
}

/** One prompt's cache and the answers growing from it; see `Generation`. */
export class CachedGeneration implements Generation {
  private readonly cache: KeyValueCache
  private readonly buckets: PositionBuckets
  /** Outputs with a run's new keys and values. */
  private readonly presentNames: readonly string[]
  private rows: Ancestor[] = []
  private disposed = false

  private constructor(
    private readonly session: Session,
    private readonly config: CpmBeeConfig,
    private readonly prompt: Prompt,
    private readonly ext: Record<string, Tensor>,
    attentionLayers: readonly number[],
  ) {
    this.presentNames = session.outputNames.filter(name => name.startsWith('present_'))
    this.cache = new KeyValueCache(attentionLayers, config.numHeads, config.dimHead)
    this.buckets = new PositionBuckets(config.positionBiasNumBuckets, config.positionBiasMaxDistance)
  }

  /** Reads the prompt. */
  static async start(
    session: Session,
    config: CpmBeeConfig,
    attentionLayers: readonly number[],
    batch: PackedBatch,
    sample: number,
    options: TaskOptions & { vision?: VisionRows },
  ): Promise<CachedGeneration> {
    const prompt = promptOf(batch, sample, options.vision)
    checkRelations(prompt.relations, config.positionBiasNumSegmentBuckets)
    const ext = { ext_table_ids: int32(batch.extTableIds), ext_table_sub: int32(batch.extTableSub) }
    const generation = new CachedGeneration(session, config, prompt, ext, attentionLayers)
    options.signal?.throwIfAborted()
    await generation.prefill(options.vision)
    return generation
  }

  /** Relation of an answer's segment (always of the first sample) to another of the same sample. */
  private relation(querySegment: number, keySegment: number): number {
    return this.prompt.relations[querySegment * this.prompt.numSegments[0]! + keySegment]!
  }

  private promptRelation(q: number, k: number): number {
    const { samples, segments, numSegments, relationOffset, relations } = this.prompt
    if (samples[q] !== samples[k]) return otherSample
    return relations[segments[q]! * numSegments[q]! + segments[k]! + relationOffset[q]!]!
  }

  private async prefill(vision: VisionRows | undefined): Promise<void> {
    const { ids, subs, positions, samples, visionRow } = this.prompt
    const { positionBiasNumBuckets } = this.config
    const n = ids.length
    this.buckets.reach(n)
    const index = new Int32Array(n * n)
    const mask = new Uint8Array(n * n)
    for (let q = 0, at = 0; q < n; q++)
      for (let k = 0; k < n; k++, at++) {
        const relation = this.promptRelation(q, k)
        index[at] = biasRow(this.buckets, positionBiasNumBuckets, relation, positions[q]!, positions[k]!)
        mask[at] = samples[q] === 0 || samples[q] === samples[k] ? 1 : 0
      }
    const outputs = await this.session.run(
      {
        ...this.ext,
        ...this.cache.feeds(),
        input_ids: int32(ids, [1, n]),
        input_id_subs: int32(subs, [1, n]),
        embedding_index: int32(
          visionRow.map((row, i) => (row < 0 ? i : n + row)),
          [1, n],
        ),
        vision_hidden_states: vision
          ? tensor('float32', vision.data, [vision.rows, this.config.dimModel])
          : zeros('float32', [0, this.config.dimModel]),
        bias_index: int32(index, [1, n, n]),
        attention_mask: bool(mask, [1, n, n]),
        logit_rows: zeros('int32', [0]),
      },
      this.presentNames,
    )
    this.cache.append(outputs, n)
  }

  async step(rows: readonly DecodeRow[], options: TaskOptions = {}): Promise<StepLogits> {
    if (this.disposed) throw new DisposedError({ message: 'this generation was disposed' })
    options.signal?.throwIfAborted()
    const count = rows.length
    this.cache.reserve(count)
    const past = this.cache.slots
    const total = past + count
    const mask = new Uint8Array(count * total)
    const index = new Int32Array(count * total)
    const added = rows.map(
      (row, r): Ancestor => ({
        slot: this.cache.length + r,
        position: row.position,
        segment: row.segment,
        before: row.parent < 0 ? undefined : this.rows[row.parent],
      }),
    )
    rows.forEach((row, r) => {
      this.buckets.reach(this.prompt.ids.length + row.position)
      this.see(row, mask, index, r * total)
      for (let a = added[r]!.before; a; a = a.before) this.seeOne(row, a, mask, index, r * total + a.slot)
      this.seeOne(row, added[r]!, mask, index, r * total + past + r)
    })
    const outputs = await this.session.run(
      {
        ...this.ext,
        ...this.cache.feeds(),
        input_ids: int32(
          rows.map(r => r.id),
          [1, count],
        ),
        input_id_subs: int32(
          rows.map(r => r.sub),
          [1, count],
        ),
        embedding_index: int32(
          rows.map((_, r) => r),
          [1, count],
        ),
        vision_hidden_states: zeros('float32', [0, this.config.dimModel]),
        bias_index: int32(index, [1, count, total]),
        attention_mask: bool(mask, [1, count, total]),
        logit_rows: int32(rows.map((_, r) => r)),
      },
      [...this.presentNames, 'logits'],
    )
    this.cache.append(outputs, count)
    this.rows = added
    const { data, shape } = outputs.logits!
    return { rows: count, width: shape[1]!, data: data as Float32Array }
  }

  /** Every token of the prompt is visible to every answer token. */
  private see(row: DecodeRow, mask: Uint8Array, index: Int32Array, at: number): void {
    const { positions, segments, samples } = this.prompt
    const { positionBiasNumBuckets } = this.config
    for (let k = 0; k < positions.length; k++) {
      mask[at + k] = 1
      const relation = samples[k] === 0 ? this.relation(row.segment, segments[k]!) : otherSample
      index[at + k] = biasRow(this.buckets, positionBiasNumBuckets, relation, row.position, positions[k]!)
    }
  }

  private seeOne(row: DecodeRow, key: Ancestor, mask: Uint8Array, index: Int32Array, at: number): void {
    const relation = this.relation(row.segment, key.segment)
    mask[at] = 1
    index[at] = biasRow(this.buckets, this.config.positionBiasNumBuckets, relation, row.position, key.position)
  }

  dispose(): void {
    this.disposed = true
    this.rows = []
  }
}
