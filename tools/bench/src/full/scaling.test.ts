import { describe, expect, it } from 'vitest'
import { assumedMachines, errorOf, fitCost, predictMs } from './scaling.js'

/** 5 GB at 25 GB/s: 200 ms of reading, 100 ms of computing on two cores, 10 ms that stay. */
const measured = { threads: 2, ms: 310, bytes: 5e9, gbPerSecond: 25 }

describe('scaling', () => {
  it('finds the parts of a time made of them, and the time again', () => {
    const model = fitCost(measured, 10 / 310)
    expect(model.serialMs).toBeCloseTo(10, 6)
    expect(model.computeMs).toBeCloseTo(200, 6)
    expect(predictMs(model, 2, 25)).toBeCloseTo(310, 6)
  })

  it('says how far it is from one core', () => {
    const model = fitCost(measured, 0)
    // 200 ms of reading, 220 of computing
    expect(errorOf(model, { ...measured, threads: 1, ms: 420 })).toBeCloseTo(0, 6)
    expect(errorOf(model, { ...measured, threads: 1, ms: 400 })).toBeCloseTo(0.05, 6)
  })

  it('leaves no compute where reading explains more than everything', () => {
    const model = fitCost({ ...measured, ms: 150 }, 0.1)
    expect(model.computeMs).toBe(0)
  })

  it('is bound by memory, then by what is serial, with ever more cores', () => {
    const model = fitCost(measured, 0.05)
    const times = assumedMachines.map(({ cores, gbPerSecond }) => predictMs(model, cores, gbPerSecond))
    expect(times).toEqual([...times].sort((a, b) => b - a))
    expect(predictMs(model, 1e9, 70)).toBeCloseTo(5e9 / 70e6 + model.serialMs, 3)
    expect(predictMs(model, 1e9, 1e9)).toBeCloseTo(model.serialMs, 3)
  })
})
