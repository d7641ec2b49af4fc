import { expect, test } from 'vitest'
import { type CandidateRecord, compareChoosers } from './compare.js'

const record = (right: readonly boolean[], good: readonly number[], bad: readonly number[]): CandidateRecord => ({
  language: 'en',
  right,
  scores: { good, bad },
  ms: { good: 10, bad: 30 },
})

test('shares, gains over chance and over another chooser, and what could be chosen at all', () => {
  const records = [
    record([false, true], [1, 2], [2, 1]),
    record([true, false], [2, 1], [1, 2]),
    record([true, true], [1, 1], [1, 2]),
    record([false, false], [1, 1], [1, 2]),
  ]
  const { prompts, decidable, choosers } = compareChoosers(records, 'bad')
  expect([prompts, decidable]).toEqual([4, 2])
  expect(Object.fromEntries(choosers.map(({ chooser, right }) => [chooser, right.value]))).toEqual({
    first: 0.5,
    random: 0.5,
    good: 0.75,
    bad: 0.25,
    oracle: 0.75,
  })
  const good = choosers.find(({ chooser }) => chooser === 'good')!
  expect([good.gain.value, good.over?.value, good.ms]).toEqual([0.25, 0.5, 10])
  expect(choosers.find(({ chooser }) => chooser === 'bad')!.over).toBeUndefined()
})
