import { expect, it } from 'vitest'
import { type AnswerRecord, answerQuestions, parseAnswer } from './answers.js'
import { testItems } from './fixtures/test-items.js'

const questions = testItems(4).map(({ question }) => question)

it('answers what has no answer yet, keeping each before the next', async () => {
  const appended: AnswerRecord[] = []
  const lines = {
    found: [{ question_id: 1, text: 'known' }],
    append: async (one: AnswerRecord) => void appended.push(one),
  }
  const asked: (string | number)[] = []
  const progress: number[] = []
  const answers = await answerQuestions(questions, {
    lines,
    ask: async ({ questionId }) => {
      expect(appended).toHaveLength(asked.length)
      asked.push(questionId)
      return { text: `answer ${questionId}` }
    },
    onProgress: ({ done }) => progress.push(done),
  })
  expect(asked).toEqual([0, 2, 3])
  expect(answers.map(({ text }) => text)).toEqual(['answer 0', 'known', 'answer 2', 'answer 3'])
  expect(appended[0]).toEqual({ question_id: 0, prompt: 'question 0?', text: 'answer 0' })
  expect(progress).toEqual([0, 1, 2, 3, 4])
})

it('stops between questions', async () => {
  const stop = new AbortController()
  const lines = { found: [], append: async () => stop.abort(new Error('enough')) }
  const answering = answerQuestions(questions, { lines, ask: async () => ({ text: 'a' }), signal: stop.signal })
  await expect(answering).rejects.toThrow('enough')
})

it('reads the lines of other systems', () => {
  expect(parseAnswer({ question_id: 'q', text: 'a', metadata: {} })).toMatchObject({ question_id: 'q', text: 'a' })
  expect(() => parseAnswer({ question_id: 1 })).toThrow("'text' is no text")
})
