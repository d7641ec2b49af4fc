import { expect, it } from 'vitest'
import { RemainingTime } from './remaining-time.js'

it('reckons with the steps of this phase only', () => {
  let now = 0
  const remaining = new RemainingTime(() => now)
  const step = (at: number, done: number, phase = 'denoise') => {
    now = at
    remaining.update({ phase, done, total: 10 })
  }
  expect(remaining.seconds()).toBeUndefined()
  step(0, 0, 'text')
  step(9000, 1, 'text')
  // The first step of a phase says when it ended, not how long it took.
  step(10_000, 1)
  expect(remaining.seconds()).toBeUndefined()
  step(12_000, 2)
  expect(remaining.seconds()).toBe(16)
  now = 13_000
  expect(remaining.seconds()).toBe(15)
  step(16_000, 3)
  expect(remaining.seconds()).toBe(21)
  now = 99_000
  expect(remaining.seconds()).toBe(0)
})
