import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { VisionRows } from '../engine.js'

/** The unpadded tokens of one row of a batch: the sample itself, then its in-context samples. */
export interface Prompt {
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

/** @throws InvalidArgumentError when the vision states are not as many as the prompt's placeholders */
export function promptOf(batch: PackedBatch, sample: number, vision: VisionRows | undefined): Prompt {
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
