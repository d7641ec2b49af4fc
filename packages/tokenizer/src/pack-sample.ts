import { ContextTooLongError, InvalidArgumentError, TokenizerError } from '@viscpm/core'
import { numberAnswers } from './answer-slots.js'
import { type Bound, type ConvertedData, convertDataToIds } from './convert.js'
import type { PackValue } from './input.js'
import type { PackedSample } from './packed.js'
import type { CpmBeeTokenizer } from './tokenizer.js'

export interface PackOptions {
  /**
   * Tokens the input may have, answer slots included, solved examples not counted. Longer ones are an error; see
   * `keepNewest`. Default: no limit.
   */
  readonly maxInputLength?: number
  /** Levels that segment relations tell apart. Default 8. */
  readonly maxDepth?: number
  /** Solved examples that the answer may look at. They keep their own `<ans>` texts. */
  readonly inContextSamples?: readonly PackValue[]
  /**
   * As upstream to the letter: a long input is cut from its end, which costs it its answer slot, and picture bounds
   * count answer slots that lie before them although those are dropped. Default false.
   */
  readonly parity?: boolean
}

/** Answer number of each sub id of `<ans>`. @throws TokenizerError `<ans_x>` whose x is no number */
function answerNumbers({ extTable, tokenIdTable }: ConvertedData['tableStates']): Map<number, number> {
  const numbers = new Map<number, number>()
  for (const [id, sub] of tokenIdTable.get('<ans>') ?? []) {
    const token = extTable.get(id)!
    if (!token.startsWith('<ans_')) continue
    const written = token.slice(5, -1)
    // What Python's int() takes. Only our own placeholders, plain digits, are ever looked up.
    if (!/^\s*[+-]?\p{Nd}+(_\p{Nd}+)*\s*$/u.test(written)) {
      const quote = written.includes("'") && !written.includes('"') ? '"' : "'"
      throw new TokenizerError({
        message: `invalid literal for int() with base 10: ${quote}${written}${quote} (in the token ${token})`,
        hint: 'typed text has to go through escapeText',
      })
    }
    numbers.set(sub, Number(written))
  }
  return numbers
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new InvalidArgumentError({ argument: 'maxInputLength', message: `${limit} is not a whole number from 1 on` })
  }
}

/** Grows the arrays of a sample, block by block. */
class SampleArrays {
  readonly ids: number[] = []
  readonly subs: number[] = []
  readonly segments: number[] = []
  readonly sampleIds: number[] = []
  readonly relOffsets: number[] = []
  readonly numSegments: number[] = []
  readonly relations: number[] = []

  /** Adds the tokens of `data` that `keep` allows, then its relations. Gives new positions of the old ones. */
  add(data: ConvertedData, sample: number, keep: (token: number) => boolean): Int32Array {
    const moved = new Int32Array(data.ids.length + 1)
    for (let i = 0; i < data.ids.length; i++) {
      moved[i] = this.ids.length
      if (!keep(i)) continue
      this.ids.push(data.ids[i]!)
      this.subs.push(data.idSubs[i]!)
      this.segments.push(data.segmentIds[i]!)
      this.sampleIds.push(sample)
      this.relOffsets.push(this.relations.length)
      this.numSegments.push(data.numSegments)
    }
    moved[data.ids.length] = this.ids.length
    // A loop, not a spread: the table can be larger than a call may have arguments.
    for (const bucket of data.segmentRel) this.relations.push(bucket)
    return moved
  }
}

/**
 * Packs one input for the language model: everything but the answer slots, which become `predictSegments`.
 * Source: VLLMCPMBeeGeneration._convert_to_tensors.
 *
 * @throws TokenizerError no `<ans>`, no answer slot left, broken raw syntax
 * @throws ContextTooLongError longer than `maxInputLength` (not in parity mode)
 * @throws InvalidArgumentError wrong options or keys
 */
export function packSample(tokenizer: CpmBeeTokenizer, input: PackValue, options: PackOptions = {}): PackedSample {
  const { maxInputLength, maxDepth = 8, inContextSamples = [], parity = false } = options
  if (maxInputLength !== undefined) checkLimit(maxInputLength)
  const { data, placeholders } = numberAnswers(input)
  const main = convertDataToIds(tokenizer, data, { maxDepth })
  const numbers = answerNumbers(main.tableStates)

  const limit = maxInputLength ?? Number.POSITIVE_INFINITY
  if (!parity && main.ids.length > limit) throw new ContextTooLongError({ length: main.ids.length, limit })

  const predictSegments: [segment: number, answer: number][] = []
  const arrays = new SampleArrays()
  const moved = arrays.add(main, 0, i => {
    if (i >= limit) return false
    if (main.context[i] === 1) return true
    if (main.ids[i] === tokenizer.ansId) predictSegments.push([main.segmentIds[i]!, numbers.get(main.idSubs[i]!)!])
    return false
  })
  if (predictSegments.length === 0) {
    throw new TokenizerError({
      message: `No answer to predict${placeholders.length === 0 ? `: '<ans>' has no text in it` : ''}`,
      hint: `give '<ans>' a text, and maxInputLength room for it`,
    })
  }

  const place = (to: Int32Array) => (bound: Bound) => [to[bound[0]]!, to[bound[1]]!] as const
  let imageBound: readonly Bound[] = parity ? main.imageBound : main.imageBound.map(place(moved))
  let tableStates = main.tableStates
  for (const [index, sample] of inContextSamples.entries()) {
    const solved = convertDataToIds(tokenizer, sample, { previous: tableStates, maxDepth })
    tableStates = solved.tableStates
    const to = arrays.add(solved, index + 1, () => true)
    imageBound = parity ? solved.imageBound : [...imageBound, ...solved.imageBound.map(place(to))]
  }

  const length = arrays.ids.length
  return {
    length,
    inputIds: Int32Array.from(arrays.ids),
    inputIdSubs: Int32Array.from(arrays.subs),
    inputPos: Int32Array.from({ length }, (_, i) => i),
    context: new Uint8Array(length).fill(1),
    sampleIds: Int32Array.from(arrays.sampleIds),
    segmentIds: Int32Array.from(arrays.segments),
    segmentRelOffset: Int32Array.from(arrays.relOffsets),
    numSegments: Int32Array.from(arrays.numSegments),
    segmentRel: Int32Array.from(arrays.relations),
    predictSegments,
    answerPlaceholders: placeholders,
    imageBound,
    extTable: tableStates.extTable,
    tokenIdTable: tableStates.tokenIdTable,
  }
}
