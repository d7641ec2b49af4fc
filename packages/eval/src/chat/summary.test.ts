import { describe, expect, it } from 'vitest'
import type { ReviewRecord } from './reviews.js'
import { summarizeReviews } from './summary.js'

function review(
  id: number,
  category: ReviewRecord['category'],
  candidate: number | null,
  reference: number,
  order: ReviewRecord['order'] = 'candidate-second',
): ReviewRecord {
  const tuple =
    candidate === null ? null : order === 'candidate-first' ? [candidate, reference] : [reference, candidate]
  return {
    question_id: id,
    category,
    order,
    prompt_sha256: '',
    content: '',
    tuple: tuple as [number, number] | null,
    asked: 1,
  }
}

describe('the summary', () => {
  it('is a ratio of means over all questions, not a mean of ratios', () => {
    const { scores } = summarizeReviews([review(0, 'conv', 5, 10), review(1, 'conv', 2, 2), review(2, 'detail', 9, 6)])
    expect(scores.conv).toMatchObject({
      value: expect.closeTo((100 * 7) / 12),
      questions: 2,
      candidate: 3.5,
      reference: 6,
    })
    expect(scores.detail!.value).toBeCloseTo(150)
    expect(scores.detail!.low).toBeNaN()
    expect(scores.all!.value).toBeCloseTo((100 * 16) / 18)
    expect(scores.all!.low).toBeLessThan(scores.all!.value)
    expect(scores.all!.high).toBeGreaterThan(scores.all!.value)
    expect(scores.complex).toBeUndefined()
  })

  it('averages the orders of a question, and tells each', () => {
    const both = [review(0, 'conv', 4, 8), review(0, 'conv', 8, 8, 'candidate-first')]
    const { scores, orders } = summarizeReviews(both)
    expect(scores.all!.value).toBeCloseTo(75)
    expect(orders.map(({ order, scores }) => [order, scores.all!.value])).toEqual([
      ['candidate-second', 50],
      ['candidate-first', 100],
    ])
  })

  it('leaves replies without scores out of every mean, and counts them', () => {
    const reviews = [
      ...[review(0, 'conv', 5, 10), review(0, 'conv', 5, 10, 'candidate-first')],
      ...[review(1, 'conv', null, 10), review(1, 'conv', 10, 10, 'candidate-first')],
    ]
    const { scores, unparsable, left, orders } = summarizeReviews(reviews)
    expect(scores.all).toMatchObject({ value: 50, questions: 1 })
    expect([unparsable, left]).toEqual([1, [1]])
    expect(orders[1]!.scores.all!.value).toBeCloseTo(75)
  })
})
