import { InvalidArgumentError, NonFiniteError } from '@viscpm/core'
import type { StepLogits } from '../engine.js'

/** What upstream writes over logits that must not win. */
const blocked = -10000

/**
 * One hypothesis' logits on their way to scores, in a buffer that is reused for every row and step.
 * Order of the steps is upstream's: block, penalise, divide by the temperature, log-softmax; each rounds to float32.
 */
export class LogitRow {
  readonly values: Float32Array
  /** After `normalise`: the largest value, and log(sum(exp(value - max))). */
  max = 0
  logSum = 0

  constructor(width: number) {
    this.values = new Float32Array(width)
  }

  /** Copies row `row` of `logits`, which stay as they are. */
  load(logits: StepLogits, row: number): void {
    this.values.set(logits.data.subarray(row * logits.width, (row + 1) * logits.width))
  }

  block(ids: readonly number[]): void {
    for (const id of ids) this.values[id] = blocked
  }

  /**
   * Makes each id of `ids` less likely, once however often it occurs. Source: CTRL, arXiv 1909.05858.
   * @throws InvalidArgumentError when the penalty is below 1
   */
  penalise(ids: readonly number[], penalty: number): void {
    if (!(penalty >= 1))
      throw new InvalidArgumentError({ argument: 'repetitionPenalty', message: 'must be at least 1' })
    if (penalty === 1) return
    const factor = Math.fround(penalty)
    for (const id of new Set(ids)) {
      const value = this.values[id]
      if (value === undefined) continue
      this.values[id] = value < 0 ? value * factor : value / factor
    }
  }

  divide(temperature: number): void {
    if (temperature === 1) return
    const divisor = Math.fround(temperature)
    const values = this.values
    for (let i = 0; i < values.length; i++) values[i] = values[i]! / divisor
  }

  /**
   * Prepares `logProb`.
   * @throws NonFiniteError when a value is NaN or +infinity, or all are -infinity; `where` says which row it was.
   */
  normalise(where: string): void {
    const values = this.values
    let max = Number.NEGATIVE_INFINITY
    for (let i = 0; i < values.length; i++) if (values[i]! > max) max = values[i]!
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - max)
    // NaN and infinity anywhere arrive here: exp(NaN), and exp(inf - inf).
    if (!Number.isFinite(sum) || !(sum > 0))
      throw new NonFiniteError({
        message: `the logits of ${where} are not finite`,
        hint: 'The weights or the hidden states fed in are damaged, or overflowed half precision.',
      })
    this.max = max
    this.logSum = Math.fround(Math.log(sum))
  }

  /** Log-probability of `id`, in float32. Call `normalise` first. */
  logProb(id: number): number {
    return Math.fround(Math.fround(this.values[id]! - this.max) - this.logSum)
  }
}
