import { mean } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import { type ChatCategory, chatCategories } from './question.js'
import { type ReviewOrder, type ReviewRecord, reviewOrders } from './reviews.js'

/** How a candidate does against the reference: 100 x mean of its scores / mean of the reference's. More than 100 is legal. */
export interface ChatScore extends Estimate {
  readonly questions: number
  /** Means of the scores, 1 to 10. */
  readonly candidate: number
  readonly reference: number
}

/** By category, and over all questions: a ratio of means, not a mean of ratios. Categories without questions are absent. */
export type ChatScores = { readonly [category in ChatCategory | 'all']?: ChatScore }

export interface ChatSummary {
  /** Both orders of a question averaged; of questions that have scores in every order. */
  readonly scores: ChatScores
  /** Each order by itself, where several were asked: what differs is the judge's liking for a place. */
  readonly orders: readonly { readonly order: ReviewOrder; readonly scores: ChatScores }[]
  readonly reviews: number
  /** Reviews whose reply gave no scores. They are in no mean. */
  readonly unparsable: number
  /** Questions that are in no mean of both orders for that. */
  readonly left: readonly (string | number)[]
  /** Which models say that they judged. */
  readonly models: readonly string[]
}

interface Pair {
  readonly category: ChatCategory
  readonly candidate: number
  readonly reference: number
}

/**
 * Sums up reviews, with intervals of a paired bootstrap over questions.
 * Source of the score: LLaVA, summarize_gpt_review, except that replies without scores are left out.
 */
export function summarizeReviews(reviews: readonly ReviewRecord[], options: BootstrapOptions = {}): ChatSummary {
  const orders = reviewOrders.filter(order => reviews.some(review => review.order === order))
  const questions = new Map<string | number, ReviewRecord[]>()
  for (const review of reviews)
    questions.set(review.question_id, [...(questions.get(review.question_id) ?? []), review])
  const [pairs, left]: [Pair[], (string | number)[]] = [[], []]
  for (const [question, own] of questions) {
    const found = own.flatMap(pairOf)
    if (found.length < orders.length) left.push(question)
    else pairs.push(averaged(own[0]!.category, found))
  }
  return {
    scores: scoresOf(pairs, options),
    orders:
      orders.length < 2
        ? []
        : orders.map(order => ({
            order,
            scores: scoresOf(reviews.filter(review => review.order === order).flatMap(pairOf), options),
          })),
    reviews: reviews.length,
    unparsable: reviews.filter(({ tuple }) => tuple === null).length,
    left,
    models: [...new Set(reviews.flatMap(({ model }) => model ?? []))].sort(),
  }
}

function pairOf({ category, order, tuple }: ReviewRecord): Pair[] {
  if (tuple === null) return []
  const [candidate, reference] = order === 'candidate-first' ? tuple : [tuple[1], tuple[0]]
  return [{ category, candidate, reference }]
}

const averaged = (category: ChatCategory, pairs: readonly Pair[]): Pair => ({
  category,
  candidate: mean(pairs.map(pair => pair.candidate)),
  reference: mean(pairs.map(pair => pair.reference)),
})

function scoresOf(pairs: readonly Pair[], options: BootstrapOptions): ChatScores {
  const groups = [...chatCategories, 'all'] as const
  return Object.fromEntries(
    groups.flatMap(group => {
      const own = group === 'all' ? pairs : pairs.filter(({ category }) => category === group)
      if (own.length === 0) return []
      const { candidate, reference } = averaged(own[0]!.category, own)
      const score = { ...bootstrap(own, ratio, options), questions: own.length, candidate, reference }
      return [[group, score satisfies ChatScore]]
    }),
  )
}

function ratio(pairs: readonly Pair[]): number {
  return (100 * mean(pairs.map(pair => pair.candidate))) / mean(pairs.map(pair => pair.reference))
}
