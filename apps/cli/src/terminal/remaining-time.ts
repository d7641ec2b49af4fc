import type { Progress } from '@viscpm/core'

/** How long a phase will still take, from how long its steps took so far. */
export class RemainingTime {
  private phase: string | undefined
  private first = { at: 0, done: 0 }
  private last = { at: 0, done: 0, total: 0 }

  constructor(private readonly now: () => number = () => performance.now()) {}

  update({ phase, done, total = 0 }: Progress): void {
    const at = this.now()
    if (phase !== this.phase || done < this.last.done) {
      this.phase = phase
      this.first = { at, done }
    }
    this.last = { at, done, total }
  }

  /** undefined before a whole step was seen. */
  seconds(): number | undefined {
    const steps = this.last.done - this.first.done
    if (steps <= 0) return undefined
    const perStep = (this.last.at - this.first.at) / steps
    const left = (this.last.total - this.last.done) * perStep - (this.now() - this.last.at)
    return Math.max(0, left) / 1000
  }
}
