import { mean } from '@viscpm/core/report'
import { bootstrap, type Estimate } from '../statistics/bootstrap.js'

/** What is known of one prompt's candidates. */
export interface CandidateRecord {
  readonly language: 'en' | 'zh'
  /** What an independent judge says of each candidate. */
  readonly right: readonly boolean[]
  /** Of each chooser one score a candidate, higher is better. */
  readonly scores: Readonly<Record<string, readonly number[]>>
  /** Of each chooser, for all candidates. */
  readonly ms: Readonly<Record<string, number>>
}

/** How often a chooser took a right picture. */
export interface ChooserFigures {
  readonly chooser: string
  /** Share of prompts. */
  readonly right: Estimate
  /** To a candidate taken by chance; over the same prompts. */
  readonly gain: Estimate
  /** To the first of `against` where that was measured; absent for itself. */
  readonly over?: Estimate
  /** Mean milliseconds a prompt; NaN where choosing takes none. */
  readonly ms: number
}

export interface Comparison {
  readonly prompts: number
  /** Prompts where some candidates are right and some wrong: only there is anything to choose. */
  readonly decidable: number
  readonly choosers: readonly ChooserFigures[]
}

/**
 * Shares of right choices of 'first', 'random' (its expectation: the mean over the candidates), every scored chooser and 'oracle',
 * with paired bootstrap intervals over prompts (95 %).
 * @param against the chooser that the others are compared with
 */
export function compareChoosers(records: readonly CandidateRecord[], against: string): Comparison {
  const scored = records.length === 0 ? [] : Object.keys(records[0]!.scores)
  const choosers = ['first', 'random', ...scored, 'oracle']
  const rate = (chooser: string) => (record: CandidateRecord) => chance(record, chooser)
  const over = (statistic: (record: CandidateRecord) => number): Estimate =>
    bootstrap(records, items => mean(items.map(statistic)))
  return {
    prompts: records.length,
    decidable: records.filter(({ right }) => right.includes(true) && right.includes(false)).length,
    choosers: choosers.map(chooser => ({
      chooser,
      right: over(rate(chooser)),
      gain: over(record => chance(record, chooser) - chance(record, 'random')),
      ...(chooser !== against &&
        scored.includes(against) && { over: over(record => chance(record, chooser) - chance(record, against)) }),
      ms: scored.includes(chooser) ? mean(records.map(({ ms }) => ms[chooser]!)) : Number.NaN,
    })),
  }
}

/** How likely a chooser takes a right picture. */
function chance({ right, scores }: CandidateRecord, chooser: string): number {
  const share = right.filter(Boolean).length / right.length
  if (chooser === 'random') return share
  if (chooser === 'oracle') return right.includes(true) ? 1 : 0
  if (chooser === 'first') return right[0] ? 1 : 0
  const values = scores[chooser]!
  return right[values.indexOf(Math.max(...values))] ? 1 : 0
}
