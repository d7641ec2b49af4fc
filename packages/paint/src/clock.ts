import type { Timings } from './types.js'

/** Milliseconds spent on each thing. */
export class Clock {
  private readonly start = performance.now()
  private readonly spent = { text: 0, encode: 0, denoise: 0, decode: 0, check: 0, rank: 0 }

  async time<R>(what: Exclude<keyof Timings, 'total'>, work: () => Promise<R>): Promise<R> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.spent[what] += performance.now() - start
    }
  }

  timings(): Timings {
    return { ...this.spent, total: performance.now() - this.start }
  }
}
