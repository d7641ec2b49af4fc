import { TokenizerError } from '@viscpm/core'
import { answerSlots, type LeafMap, mapLeaves } from './answer-slots.js'
import { entriesOf, type PackValue } from './input.js'
import { TokenDecoder } from './token-decoder.js'
import type { CpmBeeTokenizer, ExtTable } from './tokenizer.js'

/** A predicted id and the number (from 1) of the answer that it belongs to. */
export type PredictedToken = readonly [id: number, answer: number]

/** Answers in the shape of the input's `<ans>`; null where the length ran out before an answer began. */
export type AnswerValue = string | null | LeafMap<string | null>

export interface AnswerOptions {
  /** Unknown words of the input (PackedBatch.extTexts of the sample). */
  readonly extTable?: ExtTable
  /** Leave texts in CPM-Bee's syntax (`<` is `<<`, specials live), as upstream returns them. Default false. */
  readonly raw?: boolean
}

/** Texts of the answers of one input, and their place in it. */
export class AnswerText {
  /** By answer number - 1. */
  readonly texts: readonly (string | null)[]
  /** The texts in the shape of the input's `<ans>`. */
  readonly value: AnswerValue

  private constructor(texts: readonly (string | null)[], value: AnswerValue) {
    this.texts = texts
    this.value = value
  }

  /**
   * Reads predicted tokens back into the answer slots of their input. An answer's `</s>` is left out.
   * Source: VLLMCPMBeeGeneration.generate.
   *
   * @throws TokenizerError no `<ans>` in the input, an answer number or id that does not exist
   */
  static read(
    tokenizer: CpmBeeTokenizer,
    input: PackValue,
    predicted: Iterable<PredictedToken>,
    { extTable = new Map(), raw = false }: AnswerOptions = {},
  ): AnswerText {
    const idsOf = new Map<number, number[]>()
    for (const [id, answer] of predicted) {
      const ids = idsOf.get(answer)
      if (ids) ids.push(id)
      else idsOf.set(answer, [id])
    }
    const decoder = new TokenDecoder(tokenizer, { extTable })
    const decode = (ids: readonly number[]): string => {
      const ended = ids.at(-1) === tokenizer.eosId ? ids.slice(0, -1) : ids
      return raw ? tokenizer.decode(ended, extTable) : decoder.decode(ended)
    }
    const texts: (string | null)[] = []
    const value = mapLeaves<string | null>(answerSlots(input), () => {
      const ids = idsOf.get(texts.length + 1)
      const text = ids ? decode(ids) : null
      texts.push(text)
      return text
    })
    const strange = [...idsOf.keys()].find(answer => !(answer >= 1 && answer <= texts.length))
    if (strange !== undefined) {
      throw new TokenizerError({ message: `answer ${strange} was predicted, the input has ${texts.length}` })
    }
    return new AnswerText(texts, value)
  }

  /** The input with its answers filled in, as ordered [key, value] pairs. @throws TokenizerError no `<ans>` in it */
  static fill(input: PackValue, answer: AnswerValue): [key: string, value: PackValue | AnswerValue][] {
    answerSlots(input)
    return entriesOf(input, 'data')!.map(([key, value]) => [key, key === '<ans>' ? answer : (value as PackValue)])
  }
}
