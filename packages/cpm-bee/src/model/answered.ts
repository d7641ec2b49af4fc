import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { SpecialTokens } from '../decoding/options.js'
import type { VisionRows } from '../engine.js'
import type { ForwardInput } from './forward.js'
import { promptOf } from './prompt.js'

/** Prompts with answers that are known already, for one pass over all of them (teacher forcing). */
export interface Answered {
  readonly input: ForwardInput
  /** Of each sample: rows of the flattened [batch * length] hidden states that its answer's ids are predicted from, in order. */
  readonly rows: readonly Int32Array[]
}

/**
 * Puts an answer behind every prompt of a batch, as if it had been generated: `<s>` and all ids but the last are fed.
 * @param answers of each sample its ids as decoding gives them (vocabulary size + column for the ext table); one answer slot
 * @param vocabSize of the model
 * @throws InvalidArgumentError for an empty answer, a sample without a slot, and vision states that do not fit the prompt
 */
export function answeredInput(
  batch: PackedBatch,
  answers: readonly (readonly number[])[],
  {
    tokens,
    vocabSize,
    vision = [],
  }: {
    readonly tokens: Pick<SpecialTokens, 'bosId'>
    readonly vocabSize: number
    readonly vision?: readonly (VisionRows | undefined)[]
  },
): Answered {
  const prompts = answers.map((_, sample) => promptOf(batch, sample, vision[sample]))
  const lengths = prompts.map(({ ids }, sample) => ids.length + answers[sample]!.length)
  const length = Math.max(...lengths)
  const at = (sample: number, token: number): number => sample * length + token
  const column = () => new Int32Array(answers.length * length)
  const [inputIds, inputIdSubs, sampleIds] = [column(), column(), column()]
  const [numSegments, segmentIds, segmentRelOffset] = [column(), column(), column()]
  const context = new Uint8Array(inputIds.length)
  const rowOf = column().fill(-1)
  let visionRow = 0
  const rows = prompts.map((prompt, sample) => {
    const answer = answers[sample]!
    const segment = batch.samples[sample]?.predictSegments[0]?.[0]
    if (answer.length === 0 || segment === undefined)
      throw new InvalidArgumentError({
        argument: 'answers',
        message: `sample ${sample} has ${segment === undefined ? 'no answer slot' : 'an empty answer'}`,
      })
    const first = at(sample, 0)
    inputIds.set(prompt.ids, first)
    inputIdSubs.set(prompt.subs, first)
    sampleIds.set(prompt.samples, first)
    numSegments.set(prompt.numSegments, first)
    segmentIds.set(prompt.segments, first)
    segmentRelOffset.set(prompt.relationOffset, first)
    context.fill(1, first, first + prompt.ids.length)
    for (const [i, row] of prompt.visionRow.entries()) if (row >= 0) rowOf[first + i] = visionRow + row
    visionRow += vision[sample]?.rows ?? 0
    return Int32Array.from([tokens.bosId, ...answer.slice(0, -1)], (id, i) => {
      const token = first + prompt.ids.length + i
      const ext = id - vocabSize
      inputIds[token] = ext < 0 ? id : batch.extTableIds[ext]!
      inputIdSubs[token] = ext < 0 ? 0 : batch.extTableSub[ext]!
      numSegments[token] = prompt.numSegments[0]!
      segmentIds[token] = segment
      return token
    })
  })

  return {
    rows,
    input: {
      ...{ batch: answers.length, length, lengths, inputIds, inputIdSubs, context },
      ...{ sampleIds, numSegments, segmentIds, segmentRelOffset },
      segmentRel: batch.segmentRel.subarray(0, answers.length * batch.segmentRelLength),
      segmentRelLength: batch.segmentRelLength,
      extTableIds: batch.extTableIds,
      extTableSub: batch.extTableSub,
      ...(visionRow > 0 && { vision: { ...stacked(vision), rowOf } }),
    },
  }
}

function stacked(parts: readonly (VisionRows | undefined)[]): VisionRows {
  const data = new Float32Array(parts.reduce((n, part) => n + (part?.data.length ?? 0), 0))
  let [at, rows] = [0, 0]
  for (const part of parts) {
    if (!part) continue
    data.set(part.data, at)
    at += part.data.length
    rows += part.rows
  }
  return { data, rows }
}
