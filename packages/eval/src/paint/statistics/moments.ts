import { InvalidArgumentError, NonFiniteError } from '@viscpm/core'

/** What a Fréchet distance needs of a set of pictures. */
export interface Moments {
  /** Of a feature vector. */
  readonly dim: number
  /** Pictures; undefined where a file does not say. */
  readonly count: number | undefined
  /** [dim] */
  readonly mean: Float64Array
  /** [dim, dim], row-major, with count - 1 as numpy.cov. */
  readonly covariance: Float64Array
}

/**
 * Mean and covariance of features in one pass, in float64: batches are added as they come, and parts that were computed apart
 * are merged. Source: T. Chan, G. Golub, R. LeVeque, Updating formulae and a pairwise algorithm for computing sample
 * variances, 1979.
 */
export class MomentSums {
  #count = 0
  readonly #mean: Float64Array
  /** Lower triangle of the sum of products of what differs from the mean. */
  readonly #scatter: Float64Array

  /** @throws InvalidArgumentError when `dim` is no whole number from 1 on */
  constructor(readonly dim: number) {
    if (!(Number.isSafeInteger(dim) && dim > 0))
      throw new InvalidArgumentError({ argument: 'dim', message: `${dim} is no whole number from 1 on` })
    this.#mean = new Float64Array(dim)
    this.#scatter = new Float64Array(dim * dim)
  }

  get count(): number {
    return this.#count
  }

  /** features: [rows, dim]. @throws InvalidArgumentError for another size, NonFiniteError, and adds nothing then */
  add(features: Float32Array | Float64Array): void {
    const { dim } = this
    const rows = features.length / dim
    if (!Number.isInteger(rows))
      throw new InvalidArgumentError({
        argument: 'features',
        message: `${features.length} numbers are no rows of ${dim}`,
      })
    const bad = features.findIndex(value => !Number.isFinite(value))
    if (bad >= 0)
      throw new NonFiniteError({
        message: `feature ${bad % dim} of picture ${Math.floor(bad / dim)} is ${features[bad]}`,
      })
    if (rows === 0) return
    const mean = new Float64Array(dim)
    for (let i = 0; i < features.length; i++) mean[i % dim]! += features[i]! / rows
    const centred = Float64Array.from(features, (value, i) => value - mean[i % dim]!)
    const none = new Float64Array(dim)
    for (let r = 0; r < rows; r += 4) {
      const row = (k: number): Float64Array =>
        r + k < rows ? centred.subarray((r + k) * dim, (r + k + 1) * dim) : none
      addProducts(this.#scatter, dim, row(0), row(1), row(2), row(3))
    }
    this.#moveTo(rows, mean)
  }

  /** Adds what others saw. @throws InvalidArgumentError when their features have another size */
  merge(other: MomentSums): void {
    if (other.dim !== this.dim)
      throw new InvalidArgumentError({ argument: 'other', message: `features of ${other.dim} instead of ${this.dim}` })
    if (other.#count === 0) return
    const { mean, scatter } = { mean: other.#mean.slice(), scatter: other.#scatter.slice() }
    for (let i = 0; i < scatter.length; i++) this.#scatter[i]! += scatter[i]!
    this.#moveTo(other.#count, mean)
  }

  /** @throws InvalidArgumentError for fewer than two pictures */
  moments(): Moments {
    const { dim } = this
    const count = this.#count
    if (count < 2)
      throw new InvalidArgumentError({
        argument: 'features',
        message: `a covariance takes two pictures or more, not ${count}`,
      })
    const covariance = new Float64Array(dim * dim)
    for (let i = 0; i < dim; i++)
      for (let j = 0; j <= i; j++) {
        const value = this.#scatter[i * dim + j]! / (count - 1)
        covariance[i * dim + j] = value
        covariance[j * dim + i] = value
      }
    return { dim, count, mean: this.#mean.slice(), covariance }
  }

  /** The mean of both, and what the distance of the two means adds to the products. */
  #moveTo(rows: number, mean: Float64Array): void {
    const before = this.#count
    const total = before + rows
    const { dim } = this
    const step = mean.map((value, i) => value - this.#mean[i]!)
    if (before > 0) {
      const root = Math.sqrt((before * rows) / total)
      const none = new Float64Array(dim)
      addProducts(
        this.#scatter,
        dim,
        step.map(value => value * root),
        none,
        none,
        none,
      )
    }
    for (let i = 0; i < dim; i++) this.#mean[i]! += (step[i]! * rows) / total
    this.#count = total
  }
}

function addProducts(
  into: Float64Array,
  dim: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
): void {
  for (let i = 0; i < dim; i++) {
    const [ai, bi, ci, di] = [a[i]!, b[i]!, c[i]!, d[i]!]
    const row = i * dim
    for (let j = 0; j <= i; j++) into[row + j] = into[row + j]! + ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!
  }
}

/** Of features [rows, dim] that are all there. @throws as `MomentSums` */
export function momentsOf(features: Float32Array | Float64Array, dim: number): Moments {
  const sums = new MomentSums(dim)
  sums.add(features)
  return sums.moments()
}
