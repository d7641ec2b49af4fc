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
import { biasRow, checkRelations, withPast } from './attention-index.js'
import { KeyValueCache } from './cache.js'
import type { CacheLayout } from './cache-layout.js'
import { freePlaces } from './free-places.js'
import { PositionBuckets } from './position-buckets.js'
import { type Prompt, promptOf } from './prompt.js'

/** Relation of two tokens of different in-context samples. */
const otherSample = 1

/** A generated token, its slot and the token before it: a chain per hypothesis, sharing its beginning. */
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
  private running = 0

  private constructor(
    private readonly session: Session,
    private readonly config: CpmBeeConfig,
    private readonly prompt: Prompt,
    private readonly ext: Record<string, Tensor>,
    private readonly layout: CacheLayout,
  ) {
    this.presentNames = session.outputNames.filter(name => name.startsWith('present_'))
    this.cache = new KeyValueCache(layout)
    this.buckets = new PositionBuckets(config.positionBiasNumBuckets, config.positionBiasMaxDistance)
  }

  /** Reads the prompt. */
  static async start(
    session: Session,
    config: CpmBeeConfig,
    layout: CacheLayout,
    batch: PackedBatch,
    sample: number,
    options: TaskOptions & { vision?: VisionRows },
  ): Promise<CachedGeneration> {
    const prompt = promptOf(batch, sample, options.vision)
    checkRelations(prompt.relations, config.positionBiasNumSegmentBuckets)
    const ext = { ext_table_ids: int32(batch.extTableIds), ext_table_sub: int32(batch.extTableSub) }
    const generation = new CachedGeneration(session, config, prompt, ext, layout)
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
    const past = this.layout.emptySlots
    const outputs = await this.session.run(
      {
        ...this.ext,
        ...this.layout.empty(1),
        input_ids: int32(ids, [1, n]),
        input_id_subs: int32(subs, [1, n]),
        embedding_index: int32(
          visionRow.map((row, i) => (row < 0 ? i : n + row)),
          [1, n],
        ),
        vision_hidden_states: vision
          ? tensor('float32', vision.data, [vision.rows, this.config.dimModel])
          : zeros('float32', [0, this.config.dimModel]),
        bias_index: int32(withPast(index, n, past), [1, n, past + n]),
        attention_mask: bool(withPast(mask, n, past), [1, n, past + n]),
        logit_rows: zeros('int32', [0]),
      },
      this.presentNames,
    )
    this.cache.reserve(n)
    this.cache.write(
      outputs,
      Array.from(ids, (_, i) => i),
    )
  }

  async step(rows: readonly DecodeRow[], options: TaskOptions = {}): Promise<StepLogits> {
    this.running++
    try {
      return await this.run(rows, options)
    } finally {
      this.running--
      if (this.disposed) this.release()
    }
  }

  private async run(rows: readonly DecodeRow[], options: TaskOptions): Promise<StepLogits> {
    if (this.disposed) throw new DisposedError({ message: 'this generation was disposed' })
    options.signal?.throwIfAborted()
    const count = rows.length
    checkParents(rows, this.rows.length)
    const places = this.placesFor(rows)
    this.cache.reserve(Math.max(...places) + 1)
    const past = this.cache.slots
    const total = past + count
    const mask = new Uint8Array(count * total)
    const index = new Int32Array(count * total)
    const added: Ancestor[] = []
    for (const [r, row] of rows.entries()) {
      const before = row.sameStep ? added[row.parent] : this.rows[row.parent]
      added.push({ slot: places[r]!, position: row.position, segment: row.segment, before })
      this.buckets.reach(this.prompt.ids.length + row.position)
      this.see(row, mask, index, r * total)
      // Rows of this step stand behind the past; what they continue has its slot in it.
      let i = r
      this.seeOne(row, added[i]!, mask, index, r * total + past + i)
      while (rows[i]!.sameStep) {
        i = rows[i]!.parent
        this.seeOne(row, added[i]!, mask, index, r * total + past + i)
      }
      for (let a = added[i]!.before; a; a = a.before) this.seeOne(row, a, mask, index, r * total + a.slot)
    }
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
    this.cache.write(outputs, places)
    this.rows = added
    const { data, shape } = outputs.logits!
    return { rows: count, width: shape[1]!, data: data as Float32Array }
  }

  /** Where the tokens of `rows` go: hypotheses that no row continues are gone, and their slots are free. */
  private placesFor(rows: readonly DecodeRow[]): number[] {
    const live = new Set<number>()
    for (const { parent, sameStep } of rows)
      for (let a = sameStep ? undefined : this.rows[parent]; a && !live.has(a.slot); a = a.before) live.add(a.slot)
    return freePlaces(live, this.prompt.ids.length, rows.length)
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

  /** Bytes that the cache takes. */
  get cacheBytes(): number {
    return this.cache.nbytes
  }

  dispose(): void {
    this.disposed = true
    this.release()
  }

  /** A run that still reads the cache keeps it. */
  private release(): void {
    if (this.running > 0) return
    this.rows = []
    this.cache.dispose()
  }
}

/** @throws InvalidArgumentError for a parent that is not there */
function checkParents(rows: readonly DecodeRow[], before: number): void {
  for (const [r, { parent, sameStep }] of rows.entries())
    if (sameStep ? !(parent >= 0 && parent < r) : !(parent >= -1 && parent < before))
      throw new InvalidArgumentError({
        argument: 'rows',
        message: `row ${r} continues row ${parent}, which ${sameStep ? 'does not stand before it' : 'the step before did not have'}`,
      })
}
