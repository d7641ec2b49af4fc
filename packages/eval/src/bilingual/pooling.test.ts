import { expect, it } from 'vitest'
import { poolTexts, textSpan } from './pooling.js'

it('finds the text between what it is packed in', () => {
  const empty = [6, 1, 7, 2]
  expect(textSpan([6, 1, 50, 51, 7, 2], empty)).toEqual([2, 4])
  expect(textSpan([6, 1, 50, 7, 2], empty)).toEqual([2, 3])
})

it('makes one vector of each text', () => {
  const states = Float32Array.from([9, 9, 1, 2, 3, 4, 9, 9, 0, 0, 5, 6, 0, 0, 0, 0])
  const { mean, last } = poolTexts(states, { length: 4, dim: 2 }, [
    [1, 3],
    [1, 2],
  ])
  expect([...mean.data]).toEqual([2, 3, 5, 6])
  expect([...last.data]).toEqual([3, 4, 5, 6])
})
