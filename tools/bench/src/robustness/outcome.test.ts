import { randomNumbers } from '@viscpm/core/random'
import { expect, it } from 'vitest'
import { cappedBy, capTable } from './memory-caps.js'
import { isGood, outcomeOf } from './outcome.js'

const failed = (code: string) => ({ code: 1, signal: null, stdout: `${JSON.stringify({ error: { code } })}\n` })

it('tells what fits, what is refused, and what dies in the middle', () => {
  const outcomes = [
    outcomeOf({ code: 0, signal: null, stdout: '{"answer":"x"}\n' }),
    outcomeOf(failed('INSUFFICIENT_MEMORY')),
    outcomeOf(failed('SESSION')),
    outcomeOf(failed('HOST_CRASHED')),
    outcomeOf({ code: null, signal: 'SIGKILL', stdout: '' }),
    outcomeOf({ code: 137, signal: null, stdout: '' }),
    outcomeOf({ code: 1, signal: null, stdout: 'no answer' }),
  ]
  expect(outcomes).toEqual(['fits', 'refused', 'failed', 'killed', 'killed', 'killed', 'killed'])
  expect(outcomes.map(isGood)).toEqual([true, true, false, false, false, false, false])
})

it('puts a limit where it belongs', () => {
  expect(cappedBy(' prlimit  --data={bytes} ', 4e9)).toEqual(['prlimit', '--data=4000000000'])
  expect(() => cappedBy('nice', 4e9)).toThrow('{bytes}')
  const peak = { resident: 100.4, anonymous: 60, file: 40 }
  const row = { name: 'chat', cap: 4e9, outcome: 'killed', seconds: 1.26, peak, said: 'a|b' } as const
  expect(capTable([row]).split('\n').at(-1)).toBe('| chat | 4 | killed | 1.3 | 60 | 40 | 100 | a/b |')
})

it('draws the same numbers for the same seed', () => {
  const draw = (seed: number) => Array.from({ length: 1000 }, randomNumbers(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(Math.abs(draw(7).reduce((sum, x) => sum + x) / 1000 - 0.5)).toBeLessThan(0.05)
  expect(draw(7).every(x => x >= 0 && x < 1)).toBe(true)
})
