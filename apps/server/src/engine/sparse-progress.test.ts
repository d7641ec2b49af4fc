import type { Progress } from '@viscpm/core'
import { expect, it } from 'vitest'
import { sparseProgress } from './sparse-progress.js'

it('tells the first and the last of each phase, and some between', () => {
  const told: Progress[] = []
  let time = 0
  const tell = sparseProgress(
    progress => told.push(progress),
    100,
    () => time,
  )
  for (let done = 1; done <= 10; done++) {
    time += 30
    tell({ phase: 'decode', done, total: 10 })
  }
  tell({ phase: 'check', done: 0 })
  tell({ phase: 'check', done: 1 })
  expect(told.map(({ phase, done }) => `${phase} ${done}`)).toEqual([
    'decode 1',
    'decode 5',
    'decode 9',
    'decode 10',
    'check 0',
  ])
})
