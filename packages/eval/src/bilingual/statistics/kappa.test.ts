import { expect, it } from 'vitest'
import { cohenKappa, type Ratings } from './kappa.js'

const times = (n: number, ...rating: [boolean, boolean]): Ratings[] => Array.from({ length: n }, () => rating)

it('is the textbook value', () => {
  // 20 yes-yes, 15 no-no, 5 yes-no, 10 no-yes: observed 0.7, expected 0.5.
  const ratings = [
    ...times(20, true, true),
    ...times(15, false, false),
    ...times(5, true, false),
    ...times(10, false, true),
  ]
  expect(cohenKappa(ratings)).toBeCloseTo(0.4, 12)
})

it('is 1 for full agreement, below 0 for contradiction, and not defined without a choice', () => {
  expect(cohenKappa([...times(3, true, true), ...times(2, false, false)])).toBe(1)
  expect(cohenKappa([...times(2, true, false), ...times(2, false, true)])).toBe(-1)
  expect(cohenKappa(times(4, false, false))).toBeNaN()
})
