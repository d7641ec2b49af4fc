import { InvalidArgumentError } from '@viscpm/core'
import type { PackValue } from './input.js'
import { type PackOptions, packSample } from './pack-sample.js'
import type { PackedBatch, PackedSample } from './packed.js'
import type { CpmBeeTokenizer } from './tokenizer.js'

type TokenArray =
  | 'inputIds'
  | 'inputIdSubs'
  | 'inputPos'
  | 'sampleIds'
  | 'segmentIds'
  | 'segmentRelOffset'
  | 'numSegments'

/** Numbered tokens (sub > 0) of all samples, first come first served: the columns after the vocabulary. */
class BatchExtTable {
  readonly ids: number[] = []
  readonly subs: number[] = []
  private readonly columns = new Map<string, number>()

  /** Texts of one sample by the id that the model answers with: vocabulary size + column, or the base id for sub 0. */
  add(tokenizer: CpmBeeTokenizer, { tokenIdTable, extTable }: PackedSample): Map<number, string> {
    const texts = new Map<number, string>()
    for (const [name, group] of tokenIdTable) {
      if (name === '<ans>') continue
      const base = tokenizer.idOf(name)!
      for (const [extId, sub] of group) {
        const id = sub > 0 ? tokenizer.vocabSize + this.column(base, sub) : base
        texts.set(id, extTable.get(extId)!)
      }
    }
    return texts
  }

  private column(base: number, sub: number): number {
    const key = `${base} ${sub}`
    const known = this.columns.get(key)
    if (known !== undefined) return known
    this.columns.set(key, this.ids.length)
    this.ids.push(base)
    this.subs.push(sub)
    return this.ids.length - 1
  }
}

/**
 * Packs inputs into one batch: samples padded with 0 on the left, relations on the right, one extension table.
 * Source: VLLMCPMBeeGeneration._process_list.
 *
 * @throws TokenizerError, ContextTooLongError, InvalidArgumentError as `packSample`; an empty list
 */
export function packBatch(
  tokenizer: CpmBeeTokenizer,
  inputs: readonly PackValue[],
  options: PackOptions = {},
): PackedBatch {
  if (inputs.length === 0) throw new InvalidArgumentError({ argument: 'inputs', message: 'the batch is empty' })
  const samples = inputs.map(input => packSample(tokenizer, input, options))
  const table = new BatchExtTable()
  const extTexts = samples.map(sample => table.add(tokenizer, sample))

  const batch = samples.length
  const length = Math.max(...samples.map(sample => sample.length))
  const segmentRelLength = Math.max(...samples.map(sample => sample.segmentRel.length))
  const leftPadded = (field: TokenArray): Int32Array => {
    const padded = new Int32Array(batch * length)
    for (const [row, sample] of samples.entries()) padded.set(sample[field], (row + 1) * length - sample.length)
    return padded
  }
  const context = new Uint8Array(batch * length)
  const segmentRel = new Int32Array(batch * segmentRelLength)
  for (const [row, sample] of samples.entries()) {
    context.set(sample.context, (row + 1) * length - sample.length)
    segmentRel.set(sample.segmentRel, row * segmentRelLength)
  }
  return {
    batch,
    length,
    inputIds: leftPadded('inputIds'),
    inputIdSubs: leftPadded('inputIdSubs'),
    inputPos: leftPadded('inputPos'),
    context,
    sampleIds: leftPadded('sampleIds'),
    segmentIds: leftPadded('segmentIds'),
    segmentRelOffset: leftPadded('segmentRelOffset'),
    numSegments: leftPadded('numSegments'),
    segmentRel,
    segmentRelLength,
    extTableIds: Int32Array.from(table.ids),
    extTableSub: Int32Array.from(table.subs),
    samples,
    extTexts,
    imageBounds: samples.map(sample => sample.imageBound),
  }
}
