import { describe, expect, it } from 'vitest'
import { Measurement, met } from './result.js'
import { markdownTable } from './table.js'

function measured(goal?: number): Measurement {
  const made = new Measurement('mid', 'prefill', 'ms', goal)
  const runs = [
    [10, 30],
    [20, 40],
    [30, 45],
  ] as const
  for (const [ours, theirs] of runs) made.add({ ms: ours }, { ms: theirs })
  return made
}

describe('results', () => {
  it('compares run by run', () => {
    expect(measured().summary().ratio).toEqual({ median: 2, min: 1.5, max: 3 })
  })

  it('says whether a goal was met', () => {
    expect(met(measured().summary())).toBeUndefined()
    expect(met(measured(1.9).summary())).toBe(true)
    expect(met(measured(2.1).summary())).toBe(false)
  })

  it('does not call a goal met without a peer', () => {
    const alone = new Measurement('mid', 'prefill', 'ms', 1)
    alone.add({ ms: 5 })
    expect(met(alone.summary())).toBeUndefined()
  })

  it('prints a table with the losses', () => {
    const table = markdownTable([measured(2.1).summary()])
    expect(table).toContain('| mid: prefill | 20.0 (10.0-30.0) ms | 40.0 (30.0-45.0) ms | 2.00 (1.50-3.00) | - |')
    expect(table).toContain('>= 2.1: NOT met')
  })
})
