import { InvalidArgumentError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { type LinedUpPrompt, lineUps } from './different-prompts.js'

const prompt = (language: 'en' | 'zh', ...names: string[]): LinedUpPrompt => ({
  language,
  things: names.map(name => ({ name })),
})

test('beside other things of the same language, at changing places', () => {
  const en = ['cat', 'dog', 'cat', 'bus', 'tree'].map(name => prompt('en', name))
  const sets = lineUps(
    [...en, prompt('zh', 'cat'), prompt('zh', 'kite', 'cup'), prompt('zh', 'cup'), prompt('zh', 'star')],
    3,
  )
  expect(sets.slice(0, 5)).toEqual([
    { of: [0, 1, 3], right: 0 },
    { of: [2, 1, 3], right: 1 },
    { of: [3, 4, 2], right: 2 },
    { of: [3, 4, 0], right: 0 },
    { of: [0, 4, 1], right: 1 },
  ])
  expect(sets[5]).toEqual({ of: [5, 6, 7], right: 0 })
  expect(sets[6]!.of.toSorted()).toEqual([5, 6, 8]) // no other cup
  for (const [at, { of, right }] of sets.entries()) expect(of[right]).toBe(at)
})

test('too few other things are told', () => {
  expect(() => lineUps([prompt('en', 'cat'), prompt('en', 'cat'), prompt('zh', 'dog')], 2)).toThrow(
    InvalidArgumentError,
  )
  expect(lineUps([prompt('en', 'cat')], 1)).toEqual([{ of: [0], right: 0 }])
})
