import { describe, expect, it } from 'vitest'
import { float32 } from '../tensor.js'
import { dots, normalized } from './embeddings.js'

describe('normalized', () => {
  it('makes every row one long', () => {
    const { data, shape } = normalized(float32([3, 4, 0, -2, 1e-20, 0], [3, 2]), 'text')
    expect(shape).toEqual([3, 2])
    expect([...data]).toEqual([0.6, 0.8, 0, -1, 1, 0].map(Math.fround))
  })

  it.each([
    [[0, 0], 'zero'],
    [[1, Number.NaN], 'not finite'],
    [[Number.POSITIVE_INFINITY, 1], 'not finite'],
  ])('refuses %j', (row, what) => {
    expect(() => normalized(float32([1, 1, ...row], [2, 2]), 'picture')).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: `the embedding of picture 1 is ${what}` }),
    )
  })
})

it('dots gives one number per row', () => {
  expect(dots(float32([1, 2], [1, 2]), float32([3, 4, -1, 0.5, 0, 0], [3, 2]))).toEqual([11, 0, 0])
})
