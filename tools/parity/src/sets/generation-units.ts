import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isVisCPMError } from '@viscpm/core'
import { BeamHypotheses, LogitRow, TopFilter } from '@viscpm/cpm-bee'
import type { SetResult } from '../result.js'
import { difference, exactSet } from './exact.js'

interface PenaltyCase {
  readonly logits: number[][]
  readonly prev_output_tokens: number[][]
  readonly repetition_penalty: number
  readonly start_idx?: number
  readonly end_idx?: number
  readonly window_size?: number
  readonly result?: number[][]
  readonly error?: { readonly type: string }
}

interface FilterCase {
  readonly logits: number[][]
  readonly top_k: number
  readonly top_p: number
  readonly result: (number | null)[][]
}

interface HypothesesCase {
  readonly n_hyp: number
  readonly length_penalty: number
  readonly early_stopping: boolean
  readonly ops: readonly {
    readonly hyp: number[]
    readonly sum_logprobs: number
    readonly worst_score: number
    readonly kept: [score: number, hyp: number[]][]
    readonly is_done_query: [bestSum: number, length: number]
    readonly is_done: boolean | { readonly error: string }
  }[]
}

function rowOf(logits: readonly number[]): LogitRow {
  const row = new LogitRow(logits.length)
  row.load({ rows: 1, width: logits.length, data: Float32Array.from(logits) }, 0)
  return row
}

/** The tokens that upstream's window arguments select. */
function inWindow(ids: readonly number[], { start_idx, end_idx, window_size }: PenaltyCase): readonly number[] {
  if (start_idx === undefined || end_idx === undefined) return ids
  if (end_idx < start_idx) return []
  return ids.slice(window_size ? Math.max(start_idx, end_idx + 1 - window_size) : start_idx, end_idx + 1)
}

function checkPenalty(item: PenaltyCase): string | undefined {
  const run = (): number[][] =>
    item.logits.map((logits, i) => {
      const row = rowOf(logits)
      row.penalise(inWindow(item.prev_output_tokens[i]!, item), item.repetition_penalty)
      return [...row.values]
    })
  if (!item.error) return difference(run(), item.result, 'logits')
  try {
    run()
  } catch (error) {
    return isVisCPMError(error, 'INVALID_ARGUMENT') ? undefined : `threw ${String(error)}`
  }
  return 'was accepted, expected an error'
}

function checkFilter({ logits, top_k, top_p, result }: FilterCase): string | undefined {
  const ours = logits.map(values => {
    const row = rowOf(values)
    // 0 turns top-p off upstream, 1 does here.
    new TopFilter(values.length).apply(row.values, { topK: top_k, topP: top_p || 1, minP: 0 })
    return [...row.values].map(value => (value === Number.NEGATIVE_INFINITY ? null : value))
  })
  return difference(ours, result, 'logits')
}

function checkHypotheses({ n_hyp, length_penalty, early_stopping, ops }: HypothesesCase): string | undefined {
  const list = new BeamHypotheses<number[]>(n_hyp, length_penalty, early_stopping)
  for (const [i, op] of ops.entries()) {
    list.add(op.hyp, op.sum_logprobs, op.hyp.length)
    let done: boolean | { error: string }
    try {
      done = list.isDone(...op.is_done_query)
    } catch (error) {
      if (!isVisCPMError(error)) return `add ${i}: threw ${String(error)}`
      done = { error: 'ZeroDivisionError' }
    }
    const kept = list.kept.map(({ score, item }) => [score, item])
    const problem =
      difference(list.worstScore, op.worst_score, `add ${i}: worst score`) ??
      difference(kept, op.kept, `add ${i}: kept`) ??
      difference(JSON.stringify(done), JSON.stringify(op.is_done), `add ${i}: done`)
    if (problem) return problem
  }
  return undefined
}

/** `generation/units.json`: the search's building blocks. */
export function runGenerationUnits(goldens: string): SetResult[] {
  const file = join(goldens, 'generation', 'units.json')
  if (!existsSync(file)) return []
  const units = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly apply_repetition_penalty: PenaltyCase[]
    readonly top_k_top_p_filtering: FilterCase[]
    readonly beam_hypotheses: HypothesesCase[]
  }
  const name = (_: unknown, index: number): string => `case ${index}`
  return [
    exactSet('generation/repetition-penalty', units.apply_repetition_penalty, name, checkPenalty),
    exactSet('generation/top-k-top-p', units.top_k_top_p_filtering, name, checkFilter),
    exactSet('generation/beam-hypotheses', units.beam_hypotheses, name, checkHypotheses),
  ]
}
