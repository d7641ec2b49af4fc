import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { DecodeRow } from '../engine.js'
import type { SpecialTokens } from './options.js'
import { type PathNode, rootNode } from './path.js'

/** Where a growing answer stands: its tokens, and what the model is fed next. */
export interface AnswerState {
  readonly node: PathNode
  /** Index into `predictSegments` of the answer being written. */
  readonly slot: number
  readonly sub: number
  readonly position: number
}

/** The rules by which a sample's answers grow: which ids are allowed, what is fed after each, where one ends. */
export class AnswerSlots {
  /** Ids that this sample may not say: `<unk>` unless it has a first unknown run, and other samples' ext columns. */
  readonly blocked: readonly number[]
  readonly #slots: readonly (readonly [segment: number, answer: number])[]

  /** @throws InvalidArgumentError when the sample has no answer slot. */
  constructor(
    readonly batch: PackedBatch,
    sample: number,
    readonly vocabSize: number,
    readonly tokens: SpecialTokens,
  ) {
    this.#slots = batch.samples[sample]!.predictSegments
    if (this.#slots.length === 0)
      throw new InvalidArgumentError({ argument: 'batch', message: `sample ${sample} has no answer to predict` })
    const texts = batch.extTexts[sample]!
    const blocked = texts.has(tokens.unkId) ? [] : [tokens.unkId]
    for (let id = vocabSize; id < vocabSize + batch.extTableIds.length; id++) if (!texts.has(id)) blocked.push(id)
    this.blocked = blocked
  }

  /** Columns of the logits. */
  get width(): number {
    return this.vocabSize + this.batch.extTableIds.length
  }

  /** Number of answers. */
  get count(): number {
    return this.#slots.length
  }

  start(): AnswerState {
    return { node: rootNode(this.tokens.bosId), slot: 0, sub: 0, position: 0 }
  }

  row(state: AnswerState, parent: number): DecodeRow {
    const [segment] = this.#slots[state.slot]!
    return { parent, id: state.node.fed, sub: state.sub, position: state.position, segment }
  }

  /** True when `</s>` now would end the last answer. */
  inLastAnswer(state: AnswerState): boolean {
    return state.slot + 1 === this.#slots.length
  }

  /** The state after `id`. After a `</s>` the next answer starts with `<s>` at position 0. */
  extend(state: AnswerState, id: number, logProb: number): AnswerState {
    const { tokens, vocabSize, batch } = this
    const { node, slot, position } = state
    const column = id - vocabSize
    const ends = id === tokens.eosId
    const next: PathNode = {
      parent: node,
      id,
      answer: this.#slots[slot]![1],
      fed: ends ? tokens.bosId : column >= 0 ? batch.extTableIds[column]! : id,
      logProb,
      length: node.length + 1,
    }
    // After the last `</s>` nothing is fed; the slot then only has to stay valid.
    if (ends) return { node: next, slot: Math.min(slot + 1, this.#slots.length - 1), sub: 0, position: 0 }
    return { node: next, slot, sub: column >= 0 ? batch.extTableSub[column]! : 0, position: position + 1 }
  }
}
