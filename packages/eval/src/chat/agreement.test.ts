import { expect, it } from 'vitest'
import { compareAnswers } from './agreement.js'

const answers = (...texts: string[]) => texts.map((text, question_id) => ({ question_id, text }))

it('tells how alike two systems answer', () => {
  const agreement = compareAnswers(answers('红色的车', 'a dog', 'x'), answers('红色的猫', 'a dog'))
  expect(agreement).toMatchObject({ compared: 2, onlyFirst: [2], onlySecond: [] })
  expect(agreement.identical.value).toBe(0.5)
  expect(agreement.similarity.value).toBeCloseTo((0.75 + 1) / 2)
  expect(agreement.different).toEqual([
    { question_id: 0, similarity: 0.75, at: 3, first: '红色的车', second: '红色的猫' },
  ])
})

it('refuses what has nothing in common', () => {
  expect(() => compareAnswers(answers('a'), [{ question_id: 9, text: 'a' }])).toThrow('no question in common')
})
