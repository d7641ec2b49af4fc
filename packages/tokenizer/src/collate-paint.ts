import { InvalidArgumentError } from '@viscpm/core'
import { type Bound, type ConvertedData, convertDataToIds } from './convert.js'
import type { CpmBeeTokenizer } from './tokenizer.js'

/** A picture description as paint's text encoder takes it. */
export interface PaintItem {
  readonly data: ConvertedData
  readonly rawData: string
}

/** A batch padded with 0 on the right. Per-token arrays are [batch, maxLength], row-major. */
export interface PaintBatch {
  readonly batch: number
  readonly maxLength: number
  readonly inputIds: Int32Array
  readonly inputIdSubs: Int32Array
  /** 1 = input; 0 = answer or padding. */
  readonly context: Uint8Array
  readonly segmentIds: Int32Array
  readonly segmentRelOffset: Int32Array
  readonly sampleIds: Int32Array
  /** 0 marks padding. */
  readonly numSegments: Int32Array
  /** Number of the packed sequence each token is of; always 0. */
  readonly span: Int32Array
  /** Id to predict at each position, -100 where nothing is. */
  readonly target: Int32Array
  /** Tokens of each row. */
  readonly length: Int32Array
  /** [batch, segmentRelLength]. */
  readonly segmentRel: Int32Array
  readonly segmentRelLength: number
  /** One column for every occurrence of a numbered token, as upstream counts them; (0, 1) alone where there is none. */
  readonly extTableIds: Int32Array
  readonly extTableSub: Int32Array
  readonly imageBounds: readonly (readonly Bound[])[]
  readonly rawData: readonly string[]
}

/**
 * Packs a description in CPM-Bee's syntax (typed prompts go through `escapeText` first).
 * Source: VisCPMPaint.build_input.
 * @throws TokenizerError broken raw syntax
 */
export function paintItem(tokenizer: CpmBeeTokenizer, prompt: string): PaintItem {
  const data = convertDataToIds(tokenizer, [
    ['caption', prompt],
    ['objects', ''],
  ])
  return { data, rawData: prompt }
}

/**
 * Collates items to `maxLength` tokens (default: the longest). For guidance give both the prompt's and the negative
 * prompt's batch the longer length of the two.
 * Source: CPMBeeCollater.
 *
 * @throws InvalidArgumentError no items, or one that is longer than `maxLength`
 */
export function collatePaint(
  tokenizer: CpmBeeTokenizer,
  items: readonly PaintItem[],
  options: { readonly maxLength?: number } = {},
): PaintBatch {
  const batch = items.length
  if (batch === 0) throw new InvalidArgumentError({ argument: 'items', message: 'the batch is empty' })
  const longest = Math.max(...items.map(({ data }) => data.ids.length))
  const { maxLength = longest } = options
  if (!Number.isInteger(maxLength) || maxLength < longest) {
    throw new InvalidArgumentError({ argument: 'maxLength', message: `${maxLength} is less than ${longest} tokens` })
  }

  const tokens = () => new Int32Array(batch * maxLength)
  const [inputIds, inputIdSubs, segmentIds, numSegments] = [tokens(), tokens(), tokens(), tokens()]
  const target = tokens().fill(-100)
  const context = new Uint8Array(batch * maxLength)
  const segmentRelLength = Math.max(maxLength, ...items.map(({ data }) => data.segmentRel.length))
  const segmentRel = new Int32Array(batch * segmentRelLength)
  const extIds: number[] = []
  const extSubs: number[] = []

  for (const [row, { data }] of items.entries()) {
    const start = row * maxLength
    inputIds.set(data.ids, start)
    inputIdSubs.set(data.idSubs, start)
    segmentIds.set(data.segmentIds, start)
    context.set(data.context, start)
    numSegments.fill(data.numSegments, start, start + data.ids.length)
    segmentRel.set(data.segmentRel, row * segmentRelLength)
    for (const [i, id] of data.ids.entries()) {
      const sub = data.idSubs[i]!
      // Upstream keys its map by tensor objects, so that a repeated token gets a column of its own.
      const label = sub > 0 ? tokenizer.vocabSize + extIds.push(id) - 1 : id
      if (sub > 0) extSubs.push(sub)
      if (i > 1 && data.context[i - 1] === 0) target[start + i - 1] = id === tokenizer.bosId ? tokenizer.eosId : label
    }
    const last = data.ids.length - 1
    if (data.context[last] === 0) target[start + last] = tokenizer.eosId
  }
  if (extIds.length === 0) {
    extIds.push(0)
    extSubs.push(1)
  }
  return {
    batch,
    maxLength,
    inputIds,
    inputIdSubs,
    context,
    segmentIds,
    segmentRelOffset: tokens(),
    sampleIds: tokens(),
    numSegments,
    span: tokens(),
    target,
    length: Int32Array.from(items, ({ data }) => data.ids.length),
    segmentRel,
    segmentRelLength,
    extTableIds: Int32Array.from(extIds),
    extTableSub: Int32Array.from(extSubs),
    imageBounds: items.map(({ data }) => data.imageBound),
    rawData: items.map(({ rawData }) => rawData),
  }
}
