import { expect, it } from 'vitest'
import { middleOf } from './fit.js'

it('keeps the middle of what is too wide or too high, and all of what has the proportions', () => {
  expect(middleOf({ width: 600, height: 400 }, { width: 64, height: 64 })).toEqual({
    left: 100,
    top: 0,
    width: 400,
    height: 400,
  })
  expect(middleOf({ width: 30, height: 80 }, { width: 60, height: 40 })).toEqual({
    left: 0,
    top: 30,
    width: 30,
    height: 20,
  })
  expect(middleOf({ width: 32, height: 16 }, { width: 64, height: 32 })).toEqual({
    left: 0,
    top: 0,
    width: 32,
    height: 16,
  })
})
