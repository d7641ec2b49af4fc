import { describe, expect, it } from 'vitest'
import { waiting, waitingLonger, workersFor } from './erlang.js'

/** Numbers between 0 and 1 that look random and are the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Share of jobs that wait longer than `seconds`, by playing it through. */
function played(workers: number, load: number, service: number, seconds: number, jobs: number): number {
  const random = numbers(1)
  const exponential = (mean: number): number => -mean * Math.log(1 - random())
  const free = new Array<number>(workers).fill(0)
  let [now, late] = [0, 0]
  for (let job = 0; job < jobs; job++) {
    now += exponential(service / load)
    const first = free.indexOf(Math.min(...free))
    const start = Math.max(now, free[first]!)
    if (start - now > seconds) late++
    free[first] = start + exponential(service)
  }
  return late / jobs
}

describe('Erlang C', () => {
  it('is what tables say', () => {
    expect(waiting(1, 0.3)).toBeCloseTo(0.3, 12)
    expect(waiting(2, 1)).toBeCloseTo(1 / 3, 12)
    expect(waiting(10, 8)).toBeCloseTo(0.4092, 4)
    expect(waiting(5, 5)).toBe(1)
    expect(waiting(1000, 950)).toBeGreaterThan(0)
    expect(waiting(1000, 950)).toBeLessThan(0.2)
  })

  it.each([
    [1, 0.6, 20, 10],
    [3, 2.2, 35, 10],
    [12, 10, 40, 5],
  ])('is what happens: %i workers, load %f, %i s each, longer than %i s', (workers, load, service, seconds) => {
    const happened = played(workers, load, service, seconds, 200_000)
    expect(waitingLonger(workers, load, service, seconds)).toBeGreaterThan(happened - 0.015)
    expect(waitingLonger(workers, load, service, seconds)).toBeLessThan(happened + 0.015)
  })

  it('gives the fewest workers that keep a promise', () => {
    for (const load of [0.01, 0.9, 6.2, 616]) {
      const promised = { share: 0.9, seconds: 10 }
      const workers = workersFor(load, 35, promised)
      expect(waitingLonger(workers, load, 35, 10)).toBeLessThanOrEqual(0.1)
      if (workers > 1) expect(waitingLonger(workers - 1, load, 35, 10)).toBeGreaterThan(0.1)
    }
  })
})
