import { RemoteError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { testItems } from './fixtures/test-items.js'
import type { Judge, JudgeRequest } from './judge.js'
import { judgeAnswers, parseReview, type ReviewRecord } from './reviews.js'
import { wordOverlapJudge } from './scripted-judge.js'

const items = testItems(6)
const answers = new Map(items.map(({ question }) => [String(question.questionId), `answer ${question.questionId}`]))

function kept(found: readonly ReviewRecord[] = []) {
  const appended: ReviewRecord[] = []
  return { found, appended, append: async (review: ReviewRecord) => void appended.push(review) }
}

function judgeOf(review: (request: JudgeRequest, n: number, signal?: AbortSignal) => Promise<string>) {
  const asked: JudgeRequest[] = []
  const judge: Judge = {
    settings: { judge: 'test' },
    async review(request, { signal } = {}) {
      asked.push(request)
      return { text: await review(request, asked.length, signal), model: 'exact-1' }
    },
  }
  return { judge, asked }
}

describe('judging', () => {
  it('asks in both orders, and keeps each reply', async () => {
    const { judge, asked } = judgeOf(async () => '9 6\nwhy')
    const lines = kept()
    const reviews = await judgeAnswers(items, answers, { judge, lines, concurrency: 3 })
    expect(reviews).toHaveLength(12)
    expect(asked.map(({ answers }) => answers[0]).filter(text => text.startsWith('reference'))).toHaveLength(6)
    expect(reviews[1]).toMatchObject({ question_id: 0, order: 'candidate-first', tuple: [9, 6], model: 'exact-1' })
    expect(lines.appended).toHaveLength(12)
    expect(lines.appended.map(line => parseReview(JSON.parse(JSON.stringify(line))))).toEqual(lines.appended)
  })

  it('never asks for the same again, but for another answer', async () => {
    const first = kept()
    await judgeAnswers(items, answers, { judge: judgeOf(async () => '1 2').judge, lines: first })
    const { judge, asked } = judgeOf(async () => '3 4')
    const lines = kept(first.appended)
    const changed = new Map([...answers, ['2', 'another']])
    const reviews = await judgeAnswers(items, changed, { judge, lines })
    expect(asked).toHaveLength(2)
    expect(lines.appended.map(({ question_id }) => question_id)).toEqual([2, 2])
    expect(reviews.filter(({ tuple }) => tuple?.[0] === 1)).toHaveLength(10)
  })

  it('asks again when it cannot read a reply, and keeps what it cannot read', async () => {
    const { judge } = judgeOf(async (_request, n) => (n < 3 ? 'Well...' : '5 5'))
    const one = await judgeAnswers(items.slice(0, 1), answers, { judge, lines: kept(), orders: ['candidate-second'] })
    expect(one[0]).toMatchObject({ tuple: [5, 5], asked: 3 })
    const hopeless = judgeOf(async () => 'Both are good.')
    const lines = kept()
    const [review] = await judgeAnswers(items.slice(0, 1), answers, {
      judge: hopeless.judge,
      lines,
      orders: ['candidate-first'],
    })
    expect(review).toMatchObject({ tuple: null, asked: 3, content: 'Both are good.' })
    const again = judgeOf(async () => '5 5')
    await judgeAnswers(items.slice(0, 1), answers, {
      judge: again.judge,
      lines: kept(lines.appended),
      orders: ['candidate-first'],
    })
    expect(again.asked).toHaveLength(0)
  })

  it('ends at the first failure, and keeps what was judged', async () => {
    const lines = kept()
    const { judge, asked } = judgeOf(async (_request, n) => {
      if (n === 4) throw new RemoteError({ url: 'http://judge', message: 'is gone' })
      return '1 1'
    })
    const judging = judgeAnswers(items, answers, { judge, lines, concurrency: 2 })
    await expect(judging).rejects.toThrow('is gone')
    expect(lines.appended.length).toBeGreaterThanOrEqual(2)
    expect(asked.length).toBeLessThan(8)
  })

  it('stops when asked to', async () => {
    const stop = new AbortController()
    const { judge } = judgeOf((_request, n, signal) =>
      n < 3
        ? Promise.resolve('1 1')
        : new Promise((_, reject) => {
            signal!.addEventListener('abort', () => reject(signal!.reason))
            stop.abort(new Error('enough'))
          }),
    )
    const judging = judgeAnswers(items, answers, { judge, lines: kept(), signal: stop.signal, concurrency: 1 })
    await expect(judging).rejects.toThrow('enough')
  })

  it('refuses to judge what was not answered', async () => {
    const judging = judgeAnswers(items, new Map(), { judge: wordOverlapJudge(), lines: kept() })
    await expect(judging).rejects.toThrow('answers: none to question 0, 1')
  })
})
