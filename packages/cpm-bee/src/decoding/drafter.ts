import type { DecodeRow, StepLogits } from '../engine.js'
import type { AnswerSlots, AnswerState } from './answer-state.js'
import { DraftPlan } from './draft-plan.js'
import type { LookupOptions } from './lookup-options.js'
import type { Stepper } from './run.js'
import { TokenHistory } from './token-history.js'

/** Longer agreement than this says nothing more. */
const longestMatch = 6

/** One run of the model: its logits, and what was guessed: `guesses[i]` is the token that row i + 1 was fed for. */
export interface Tried {
  readonly logits: StepLogits
  readonly guesses: readonly number[]
}

/** Feeds an answer's last token, and behind it tokens that are guessed to follow, where lookup says so. */
export class Drafter {
  drafted = 0
  accepted = 0
  readonly #history: TokenHistory | undefined
  readonly #plan: DraftPlan | undefined
  #last: { ms: number; drafted: number; accepted: number; matched: number } | undefined

  constructor(
    readonly slots: AnswerSlots,
    sample: number,
    readonly options: Required<LookupOptions> | undefined,
  ) {
    if (!options) return
    this.#history = new TokenHistory(slots.batch, sample, slots.vocabSize, slots.blocked)
    if (options.adaptive) this.#plan = new DraftPlan()
  }

  /**
   * @param parent row of the last step that the answer goes on from
   * @param most tokens that the answer may still have
   */
  async step(step: Stepper, state: AnswerState, parent: number, most: number): Promise<Tried> {
    const { slots, options } = this
    this.#learn()
    const rows: DecodeRow[] = [slots.row(state, parent)]
    if (!options) return { logits: await step(rows), guesses: [] }
    const { guesses, matched } = this.#guess(state, most)
    let at = state
    for (const [i, id] of guesses.entries()) {
      at = slots.extend(at, id, 0)
      rows.push({ ...slots.row(at, i), sameStep: true })
    }
    const start = options.now()
    const logits = await step(rows)
    this.drafted += guesses.length
    this.#last = { ms: options.now() - start, drafted: guesses.length, accepted: 0, matched }
    return { logits, guesses }
  }

  /** Tells which token was chosen; `right` where it had been guessed. */
  chose(id: number, right: boolean): void {
    this.#history?.push(id)
    if (!right) return
    this.accepted++
    this.#last!.accepted++
  }

  #learn(): void {
    if (this.#last) this.#plan?.learn(this.#last)
    this.#last = undefined
  }

  /** The last token that an answer may have is not fed: neither is a guess at it worth anything. */
  #guess(state: AnswerState, most: number): { guesses: readonly number[]; matched: number } {
    const limit = Math.min(this.options!.maxDraft, most - 1)
    const match = limit > 0 ? this.#history!.match(this.options!.minMatch, longestMatch, limit) : undefined
    if (!match) return { guesses: [], matched: 0 }
    const open = this.#beforeEnd(state, match.ids)
    const length = this.#plan ? this.#plan.length(open.length, match.matched) : open.length
    return { guesses: open.slice(0, length), matched: match.matched }
  }

  /** Nothing follows the `</s>` of the last answer. */
  #beforeEnd(state: AnswerState, ids: readonly number[]): readonly number[] {
    let { slot } = state
    for (const [i, id] of ids.entries()) {
      if (id !== this.slots.tokens.eosId) continue
      if (++slot === this.slots.count) return ids.slice(0, i)
    }
    return ids
  }
}
