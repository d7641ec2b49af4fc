import type { BeamDecoded, BeamStep, Hypothesis } from '@viscpm/cpm-bee'
import { difference } from './exact.js'

/** Of cumulated log-probabilities. */
export const scoreTolerance = 1e-3
/** Neighbouring scores closer than this may change places between machines. */
const nearTie = 2e-4

export interface RecordedStep {
  readonly next_scores: readonly (readonly number[])[]
  readonly next_words: readonly (readonly number[])[]
  readonly active: readonly boolean[]
}

export interface RecordedHypothesis {
  readonly score: number
  readonly tokens: readonly (readonly [id: number, answer: number])[]
}

/** What upstream's search gave. */
export interface RecordedSearch {
  readonly steps: readonly RecordedStep[]
  readonly n_steps: number
  /** Smallest difference of neighbouring scores over all steps. */
  readonly min_gap: number
  readonly result_ids: readonly (readonly (readonly [id: number, answer: number])[])[]
  readonly hypotheses?: readonly (readonly RecordedHypothesis[])[]
  /** Scores of the best hypotheses, where `hypotheses` is not recorded. */
  readonly scores?: readonly number[]
}

interface Step {
  readonly scores: Float32Array
  readonly words: Int32Array
}

/** Keeps what a search saw, per sample and step. */
export class StepTrace {
  readonly samples: Step[][] = []

  readonly onStep = ({ sample, step, nextScores, nextWords }: BeamStep): void => {
    this.samples[sample] ??= []
    this.samples[sample][step] = { scores: nextScores.slice(), words: nextWords.slice() }
  }
}

/** Outcome of comparing a search; `tie` = left the recorded path where two scores were too near to tell apart. */
export interface SearchComparison {
  readonly problem?: string
  readonly worst: number
  readonly tie: boolean
}

/** Compares every step, hypothesis and answer. */
export function compareSearch(
  trace: StepTrace,
  decoded: readonly BeamDecoded[],
  recorded: RecordedSearch,
): SearchComparison {
  let worst = 0
  const near = (ours: number, theirs: number, what: string): string | undefined => {
    const error = Math.abs(ours - theirs)
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)
    return error <= scoreTolerance ? undefined : `${what} is ${ours}, expected ${theirs}`
  }
  const end = (problem: string | undefined, tie = false): SearchComparison => ({
    worst,
    tie,
    ...(problem !== undefined && !tie && { problem }),
  })

  for (const [s, { next_scores, next_words, active }] of recorded.steps.entries())
    for (const [sample, isActive] of active.entries()) {
      if (!isActive) continue
      const ours = trace.samples[sample]?.[s]
      if (!ours) return end(`sample ${sample} ended before step ${s}`, hasTie(recorded, s, sample))
      const at = `sample ${sample}, step ${s}`
      for (const [i, score] of next_scores[sample]!.entries()) {
        const problem = near(ours.scores[i]!, score, `${at}: score ${i}`)
        if (problem) return end(problem, hasTie(recorded, s, sample))
      }
      const problem = difference(ours.words, next_words[sample], `${at}: words`)
      if (problem) return end(problem, hasTie(recorded, s, sample))
    }
  const last = recorded.steps.length
  for (const [sample, { tokens, hypotheses, score }] of decoded.entries()) {
    const at = `sample ${sample}`
    const ids = tokens.map(token => [token.id, token.answer])
    const different = difference(ids, recorded.result_ids[sample], `${at}: result`)
    if (different) return end(different, hasTie(recorded, last, sample))
    const bestScore = recorded.scores?.[sample]
    const problem =
      (bestScore === undefined ? undefined : near(score, bestScore, `${at}: score`)) ??
      hypothesisProblem(at, hypotheses, recorded.hypotheses?.[sample] ?? [], near)
    if (problem) return end(problem, hasTie(recorded, last, sample))
  }
  const steps = Math.max(...decoded.map(one => one.steps))
  return end(difference(steps, recorded.n_steps, 'number of steps'), hasTie(recorded, last, 0))
}

function hypothesisProblem(
  at: string,
  ours: readonly Hypothesis[],
  recorded: readonly RecordedHypothesis[],
  near: (ours: number, theirs: number, what: string) => string | undefined,
): string | undefined {
  if (recorded.length > 0 && ours.length !== recorded.length) return `${at}: ${ours.length} hypotheses were kept`
  for (const [i, { score, tokens }] of recorded.entries()) {
    const one = ours[i]
    if (!one) return `${at}: hypothesis ${i} is missing`
    const mine = one.tokens.map(token => [token.id, token.answer])
    const problem =
      difference(mine, tokens, `${at}: hypothesis ${i}`) ?? near(one.score, score, `${at}: score of hypothesis ${i}`)
    if (problem) return problem
  }
  return undefined
}

/** Whether the recorded scores of a sample come too near to each other up to `step`, or after the recorded steps. */
function hasTie({ steps, min_gap }: RecordedSearch, step: number, sample: number): boolean {
  if (min_gap >= nearTie) return false
  if (step >= steps.length) return true
  return steps.slice(0, step + 1).some(({ next_scores, active }) => {
    const scores = next_scores[sample]!
    return active[sample]! && scores.some((score, i) => i > 0 && scores[i - 1]! - score < nearTie)
  })
}
