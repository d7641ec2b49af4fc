import { type Spread, spread } from '../statistics.js'

/** What a figure should be: at least (or at most) `floor`, aimed at `aim`. */
export interface Goal {
  readonly floor: number
  readonly aim: number
  readonly better: 'higher' | 'lower'
}

/** One line of the table. `score` is what the goal is about: a ratio of one run's values, or the value itself. */
export interface FullRow {
  readonly what: string
  /** Of the runs. */
  readonly ours: Spread
  readonly unit: string
  /** What it is compared with, and that one's value. */
  readonly against?: { readonly name: string; readonly value?: Spread; readonly unit?: string }
  readonly score?: Spread
  readonly goal?: Goal
  /** What stops it, said where the goal is missed. */
  readonly bound?: string
}

export type Standing = 'aim' | 'floor' | 'missed'

/** undefined where there is no goal, or nothing to judge by. */
export function standing({ goal, score }: FullRow): Standing | undefined {
  if (!goal || !score) return undefined
  const reached = (limit: number) => (goal.better === 'higher' ? score.median >= limit : score.median <= limit)
  if (reached(goal.aim)) return 'aim'
  return reached(goal.floor) ? 'floor' : 'missed'
}

/** A row whose score is formed run by run. */
export function scored(
  row: Omit<FullRow, 'ours' | 'score'>,
  ours: readonly number[],
  scores: readonly (number | undefined)[],
): FullRow {
  const there = scores.filter(score => score !== undefined)
  return { ...row, ours: spread(ours), ...(there.length > 0 && { score: spread(there) }) }
}
