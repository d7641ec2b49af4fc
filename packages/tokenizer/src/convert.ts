import { InvalidArgumentError, TokenizerError } from '@viscpm/core'
import { type PackValue, readSegments, type Segment } from './input.js'
import { segmentRelations } from './segment-relation.js'
import type { CpmBeeTokenizer, ExtTable } from './tokenizer.js'

/** Sub ids of special tokens that share a name: per name, ext id -> number from 0 in order of first use. */
export type TokenIdTable = ReadonlyMap<string, ReadonlyMap<number, number>>

/** What one input leaves to the next: unknown words and special tokens already numbered. */
export interface TableStates {
  readonly extTable: ExtTable
  readonly tokenIdTable: TokenIdTable
}

/** [start, end) of tokens. */
export type Bound = readonly [start: number, end: number]

/** An input as ids. Per-token arrays have one element for each of `ids`. */
export interface ConvertedData {
  readonly ids: Int32Array
  /** Number of the special token within its name; 0 for ordinary tokens. */
  readonly idSubs: Int32Array
  /** 1 = input, 0 = answer. */
  readonly context: Uint8Array
  readonly segmentIds: Int32Array
  /** Flat [numSegments, numSegments] table of buckets, see `segmentRelations`. */
  readonly segmentRel: Int32Array
  readonly numSegments: number
  readonly tableStates: TableStates
  /** Inside (without `<s>`, `</s>`) of the texts under the top-level `image`. */
  readonly imageBound: readonly Bound[]
}

export interface ConvertOptions {
  /** Tables of the input before, for inputs that are read together. Not changed. */
  readonly previous?: TableStates
  /** Levels that segment relations tell apart. Default 8. */
  readonly maxDepth?: number
}

/** Ids of one segment, `<s> ... </s>`; a text to be predicted has no end. */
interface EncodedSegment {
  readonly ids: readonly number[]
  readonly subs: readonly number[]
}

/** `<name_rest>` and `<name>` -> `<name>`; an unknown word -> `<unk>`. */
function groupName(token: string): string {
  if (!token.startsWith('<') || !token.endsWith('>')) return '<unk>'
  return `<${token.slice(1, -1).split('_', 1)[0]}>`
}

/** Encodes all segments with common tables. @throws TokenizerError raw syntax errors, special token of no known name */
export function encodeSegments(
  tokenizer: CpmBeeTokenizer,
  segments: readonly Segment[],
  previous?: TableStates,
): { encoded: EncodedSegment[]; tableStates: TableStates } {
  let extTable: ExtTable = previous?.extTable ?? new Map()
  const tokenIdTable = new Map([...(previous?.tokenIdTable ?? [])].map(([name, subs]) => [name, new Map(subs)]))

  const encoded = segments.map(({ text, predicted }): EncodedSegment => {
    const encoding = tokenizer.encode(text, extTable)
    extTable = encoding.extTable
    const ids = [tokenizer.bosId]
    const subs = [0]
    for (const id of encoding.ids) {
      const token = extTable.get(id)
      if (token === undefined) {
        ids.push(id)
        subs.push(0)
        continue
      }
      const name = groupName(token)
      const base = tokenizer.idOf(name)
      if (base === undefined) {
        throw new TokenizerError({
          message: `Invalid token ${token}`,
          hint: `the vocabulary has no ${name}; typed text has to go through escapeText`,
        })
      }
      const group = tokenIdTable.get(name) ?? new Map<number, number>()
      tokenIdTable.set(name, group)
      if (!group.has(id)) group.set(id, group.size)
      ids.push(base)
      subs.push(group.get(id)!)
    }
    if (!predicted) {
      ids.push(tokenizer.eosId)
      subs.push(0)
    }
    return { ids, subs }
  })
  return { encoded, tableStates: { extTable, tokenIdTable } }
}

/**
 * Turns a nested, ordered input into ids with their segments. The first unknown word is (`<unk>`, sub 0), the same as
 * a picture's placeholder: that is how the model was trained.
 * Source: convert_data_to_id with shuffle_answer=False.
 *
 * @throws TokenizerError leaf that is not a string, broken raw syntax, special token of no known name
 * @throws InvalidArgumentError keys out of order or repeated, maxDepth below 1
 */
export function convertDataToIds(
  tokenizer: CpmBeeTokenizer,
  data: PackValue,
  { previous, maxDepth = 8 }: ConvertOptions = {},
): ConvertedData {
  if (!Number.isInteger(maxDepth) || maxDepth < 1) {
    throw new InvalidArgumentError({ argument: 'maxDepth', message: `${maxDepth} is not a whole number from 1 on` })
  }
  const segments = readSegments(data)
  const { encoded, tableStates } = encodeSegments(tokenizer, segments, previous)

  const length = encoded.reduce((sum, { ids }) => sum + ids.length, 0)
  const ids = new Int32Array(length)
  const idSubs = new Int32Array(length)
  const context = new Uint8Array(length)
  const segmentIds = new Int32Array(length)
  const imageBound: Bound[] = []
  let begin = 0
  for (const [index, segment] of encoded.entries()) {
    const end = begin + segment.ids.length
    ids.set(segment.ids, begin)
    idSubs.set(segment.subs, begin)
    segmentIds.fill(index, begin, end)
    const { predicted, image } = segments[index]!
    if (!predicted) context.fill(1, begin, end)
    if (image) imageBound.push([begin + 1, end - 1])
    begin = end
  }
  return {
    ids,
    idSubs,
    context,
    segmentIds,
    segmentRel: segmentRelations(segments, maxDepth),
    numSegments: segments.length,
    tableStates,
    imageBound,
  }
}
