import { InvalidArgumentError } from '@viscpm/core'

export interface Scored<T> {
  readonly score: number
  readonly item: T
}

/** The `size` best finished hypotheses, in order of arrival. Scores are float64: sum / length ** lengthPenalty. */
export class BeamHypotheses<T> {
  readonly kept: Scored<T>[] = []
  worstScore = 1e9

  constructor(
    readonly size: number,
    readonly lengthPenalty: number,
    readonly earlyStopping: boolean = false,
  ) {}

  /** `length` counts the closing `</s>`. */
  add(item: T, sumLogProb: number, length: number): void {
    const score = sumLogProb / length ** this.lengthPenalty
    if (this.kept.length >= this.size && !(score > this.worstScore)) return
    this.kept.push({ score, item })
    if (this.kept.length > this.size) {
      const worst = this.#indexOfLowest()
      this.kept.splice(worst, 1)
      this.worstScore = this.kept[this.#indexOfLowest()]!.score
    } else this.worstScore = Math.min(score, this.worstScore)
  }

  /**
   * True when no live hypothesis is thought able to beat the worst kept one. `length` is upstream's step index.
   * @throws InvalidArgumentError when the list is full and a length of 0 would have to be divided by.
   */
  isDone(bestSumLogProb: number, length: number): boolean {
    if (this.kept.length < this.size) return false
    if (this.earlyStopping) return true
    const divisor = length ** this.lengthPenalty
    if (divisor === 0) throw new InvalidArgumentError({ argument: 'length', message: 'an empty answer has no score' })
    return this.worstScore >= bestSumLogProb / divisor
  }

  /** The best so far, the earliest of equals. Once it is not `kept[i]`, `kept[i]` can never become it. */
  best(): Scored<T> | undefined {
    let best = this.kept[0]
    for (const hypothesis of this.kept) if (hypothesis.score > best!.score) best = hypothesis
    return best
  }

  #indexOfLowest(): number {
    let lowest = 0
    for (let i = 1; i < this.kept.length; i++) if (this.kept[i]!.score < this.kept[lowest]!.score) lowest = i
    return lowest
  }
}
