/** How far some numbers are from what they should be. */
export interface ErrorMeasure {
  readonly elements: number
  /** Root of the mean squared error over that of the true numbers; 0 where nothing was lost. */
  readonly relative: number
  /** Largest error, over the largest true number. */
  readonly largest: number
  /** Cosine of the angle between the two, as vectors; 1 for two that are all 0. */
  readonly cosine: number
}

/** Sums from which errors are told, of numbers that come in pieces and are not kept. In float64. */
export class ErrorSums {
  #elements = 0
  #signal = 0
  #other = 0
  #product = 0
  #error = 0
  #largestSignal = 0
  #largestError = 0

  /** @param other what stands for `truth`, as long */
  add(truth: Float32Array, other: Float32Array): this {
    let [signal, square, product, error, largestSignal, largestError] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < truth.length; i++) {
      const a = truth[i]!
      const b = other[i]!
      const difference = b - a
      signal += a * a
      square += b * b
      product += a * b
      error += difference * difference
      const size = a < 0 ? -a : a
      const off = difference < 0 ? -difference : difference
      if (size > largestSignal) largestSignal = size
      if (off > largestError) largestError = off
    }
    this.#elements += truth.length
    this.#signal += signal
    this.#other += square
    this.#product += product
    this.#error += error
    this.#largestSignal = Math.max(this.#largestSignal, largestSignal)
    this.#largestError = Math.max(this.#largestError, largestError)
    return this
  }

  merge(sums: ErrorSums): this {
    this.#elements += sums.#elements
    this.#signal += sums.#signal
    this.#other += sums.#other
    this.#product += sums.#product
    this.#error += sums.#error
    this.#largestSignal = Math.max(this.#largestSignal, sums.#largestSignal)
    this.#largestError = Math.max(this.#largestError, sums.#largestError)
    return this
  }

  /** NaN or infinity among the numbers. */
  get broken(): boolean {
    return !Number.isFinite(this.#signal + this.#error)
  }

  /** Errors of what is 0 everywhere are not relative. */
  measure(): ErrorMeasure {
    const over = (value: number, unit: number) => (unit > 0 ? value / unit : value)
    const lengths = Math.sqrt(this.#signal) * Math.sqrt(this.#other)
    return {
      elements: this.#elements,
      relative: over(Math.sqrt(this.#error), Math.sqrt(this.#signal)),
      largest: over(this.#largestError, this.#largestSignal),
      cosine: lengths > 0 ? Math.min(1, this.#product / lengths) : this.#error > 0 ? 0 : 1,
    }
  }
}
