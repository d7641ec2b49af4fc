import { expect, it } from 'vitest'
import { parseScores } from './scores.js'
import { wordOverlap, wordOverlapJudge } from './scripted-judge.js'

it.each([
  ['It is a dog.', 'it is a DOG', 1],
  ['a b', 'c d', 0],
  ['这是一只狗。', '一只狗', 3 / 4],
  ['A苹果', 'a 梨', 2 / 5],
  ['a a b', 'a b b', 2 / 3],
  ['', '', 1],
  ['', 'a', 0],
])('overlap of %j and %j', (a, b, share) => expect(wordOverlap(a, b)).toBeCloseTo(share))

it('gives scores from 1 to 10, the reference 10', async () => {
  const request = { system: '', prompt: '', reference: 'a red car', answers: ['a red car', 'one blue dog'] } as const
  const { text } = await wordOverlapJudge().review(request)
  expect(parseScores(text)).toEqual([10, 1])
})
