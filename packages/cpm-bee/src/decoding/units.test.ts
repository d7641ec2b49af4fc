import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BeamHypotheses } from './hypotheses.js'
import { LogitRow } from './logit-row.js'
import { checkBeamOptions } from './options.js'
import { TopFilter } from './top-filter.js'

interface PenaltyCase {
  logits: number[][]
  prev_output_tokens: number[][]
  repetition_penalty: number
  start_idx?: number
  end_idx?: number
  window_size?: number
  result?: number[][]
  error?: { type: string }
}
interface FilterCase {
  logits: number[][]
  top_k: number
  top_p: number
  result: (number | null)[][]
}
interface HypothesesCase {
  n_hyp: number
  length_penalty: number
  early_stopping: boolean
  ops: {
    hyp: number[]
    sum_logprobs: number
    worst_score: number
    kept: [number, number[]][]
    is_done_query: [number, number]
    is_done: boolean | { error: string }
  }[]
}
const units = JSON.parse(
  readFileSync(new URL('../../../../tools/parity/goldens/generation/units.json', import.meta.url), 'utf8'),
) as {
  apply_repetition_penalty: PenaltyCase[]
  top_k_top_p_filtering: FilterCase[]
  beam_hypotheses: HypothesesCase[]
}

function rowOf(values: number[]): LogitRow {
  const row = new LogitRow(values.length)
  row.load({ rows: 1, width: values.length, data: Float32Array.from(values) }, 0)
  return row
}

describe("upstream's building blocks, exactly", () => {
  it.each(units.apply_repetition_penalty.map((c, i) => [i, c] as const))('repetition penalty %i', (_, c) => {
    if (c.error) {
      expect(() => checkBeamOptions({ repetitionPenalty: c.repetition_penalty })).toThrow(/repetitionPenalty/)
      expect(() => rowOf(c.logits[0]!).penalise([1], c.repetition_penalty)).toThrow(/repetitionPenalty/)
      return
    }
    c.logits.forEach((logits, i) => {
      const row = rowOf(logits)
      let ids = c.prev_output_tokens[i]!
      if (c.start_idx !== undefined && c.end_idx !== undefined) {
        const { start_idx: start, end_idx: end } = c
        ids = end < start ? [] : ids.slice(c.window_size ? Math.max(start, end + 1 - c.window_size) : start, end + 1)
      }
      row.penalise(ids, c.repetition_penalty)
      expect([...row.values]).toEqual(c.result![i])
    })
  })

  it.each(units.top_k_top_p_filtering.map((c, i) => [i, c] as const))('top-k and top-p %i', (_, c) => {
    c.logits.forEach((logits, i) => {
      const row = rowOf(logits)
      // 0 turns both off upstream.
      new TopFilter(logits.length).apply(row.values, { topK: c.top_k, topP: c.top_p || 1, minP: 0 })
      expect([...row.values].map(v => (v === Number.NEGATIVE_INFINITY ? null : v))).toEqual(c.result[i])
    })
  })

  it.each(units.beam_hypotheses.map((c, i) => [i, c] as const))('hypotheses %i', (_, c) => {
    const list = new BeamHypotheses<number[]>(c.n_hyp, c.length_penalty, c.early_stopping)
    for (const op of c.ops) {
      list.add(op.hyp, op.sum_logprobs, op.hyp.length)
      expect(list.worstScore).toBe(op.worst_score)
      expect(list.kept.map(k => [k.score, k.item])).toEqual(op.kept)
      const query = (): boolean => list.isDone(...op.is_done_query)
      if (typeof op.is_done === 'boolean') expect(query()).toBe(op.is_done)
      else expect(query).toThrow(/empty answer/)
    }
  })
})
