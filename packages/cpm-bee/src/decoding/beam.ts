import type { DecodeRow, StepLogits } from '../engine.js'
import type { AnswerSlots, AnswerState } from './answer-state.js'
import { BeamHypotheses } from './hypotheses.js'
import { LogitRow } from './logit-row.js'
import type { BeamOptions } from './options.js'
import { commonAncestor, fedIds, type PathNode } from './path.js'
import { TopN } from './top-n.js'

interface LiveState extends AnswerState {
  /** Summed log-probabilities, float32. */
  readonly score: number
  /** Row of the step that it came from. */
  readonly parent: number
}

/**
 * The beam of one sample: scores in, rows to feed out. Holds no model.
 * Source: VisCPM, VLLMCPMBeeBeamSearch._decode; its order of operations and its rounding to float32 are kept.
 */
export class Beam {
  readonly finished: BeamHypotheses<PathNode>
  /** The 2 * beamSize best continuations of the last step; ids are row * width + id. */
  readonly candidates: TopN
  steps = 0
  done = false
  #live: LiveState[]
  readonly #row: LogitRow
  readonly #fed: number[] = []

  constructor(
    readonly slots: AnswerSlots,
    readonly options: Required<BeamOptions>,
  ) {
    this.finished = new BeamHypotheses(options.beamSize, options.lengthPenalty)
    this.candidates = new TopN(2 * options.beamSize)
    this.#row = new LogitRow(slots.width)
    // Upstream starts beamSize equal beams, all but the first at -1e9: the first alone gives the same candidates.
    this.#live = [{ ...slots.start(), score: 0, parent: -1 }]
  }

  /** Index of the step after which everything is finished. */
  get lastStep(): number {
    return this.options.maxLength + 1
  }

  rows(): DecodeRow[] {
    return this.#live.map(state => this.slots.row(state, state.parent))
  }

  /** Takes one step's logits. Sets `done` when the answer is decided. @throws NonFiniteError */
  advance(logits: StepLogits, where: string): void {
    const step = this.steps++
    this.#score(logits, where)
    if (this.finished.isDone(this.candidates.scores[0]!, step)) {
      this.done = true
      return
    }
    const last = step === this.lastStep
    const { slots, candidates } = this
    const live: LiveState[] = []
    for (let i = 0; i < candidates.size && live.length < this.options.beamSize; i++) {
      const parent = Math.floor(candidates.ids[i]! / slots.width)
      const id = candidates.ids[i]! % slots.width
      const score = candidates.scores[i]!
      const state = this.#live[parent]!
      const next = slots.extend(state, id, score - state.score)
      if (last || (id === slots.tokens.eosId && slots.inLastAnswer(state)))
        this.finished.add(next.node, score, next.node.length)
      else live.push({ ...next, score, parent })
    }
    this.#live = live
    this.done = last
  }

  /**
   * The longest beginning that the final answer is certain to have: that of every live hypothesis which can still win
   * and of the best finished one. (Scores only fall as a hypothesis grows, and a finished one that is not the best
   * never becomes it, so the answer is the best finished one or descends from a live one.)
   */
  certain(): PathNode {
    const best = this.finished.best()
    if (this.done) return best!.item
    const open = best ? this.#live.filter(state => this.#bound(state) > best.score) : this.#live
    const nodes = open.map(state => state.node)
    if (best) nodes.push(best.item)
    return commonAncestor(nodes)
  }

  /** The best score that any continuation can reach: its sum never rises, its length ends at the limit. */
  #bound(state: LiveState): number {
    const { lengthPenalty, maxLength } = this.options
    const shortest = state.score / (state.node.length + 1) ** lengthPenalty
    return Math.max(shortest, state.score / (maxLength + 2) ** lengthPenalty)
  }

  #score(logits: StepLogits, where: string): void {
    const { slots, options, candidates } = this
    candidates.clear()
    for (const [i, state] of this.#live.entries()) {
      const row = this.#row
      row.load(logits, i)
      row.block(slots.blocked)
      if (options.repetitionPenalty !== 1)
        row.penalise(fedIds(state.node, options.repetitionWindow, this.#fed), options.repetitionPenalty)
      row.divide(options.temperature)
      row.normalise(where)
      candidates.offerRow(row, state.score, i * slots.width)
    }
  }
}
