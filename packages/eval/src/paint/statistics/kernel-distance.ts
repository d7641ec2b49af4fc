import { InvalidArgumentError } from '@viscpm/core'
import { randomNumbers } from '@viscpm/core/random'
import { mean } from '@viscpm/core/report'
import { rowsOf, sampleWithoutReplacement } from './sample.js'

/** a: [rows, dim], b: [columns, dim] -> a b^T [rows, columns]. */
export type RowProducts = (a: Float32Array, b: Float32Array, dim: number) => Promise<Float32Array> | Float32Array

export interface KernelDistanceOptions {
  /** Pairs of subsets. Default 100. */
  readonly subsets?: number
  /** Pictures of each; all, where there are fewer. Default 1000. */
  readonly subsetSize?: number
  /** Draws the subsets. Default 0. */
  readonly seed?: number
  /** Computes products of features. Default: in JavaScript; `sessionProducts` is many times faster for 2048 features. */
  readonly products?: RowProducts
  readonly signal?: AbortSignal
  readonly onSubset?: (done: number, total: number) => void
}

export interface KernelDistance {
  /** Mean over the subsets. */
  readonly distance: number
  /**
   * Standard deviation over the subsets, with their number as the divisor, as torch-fidelity writes it. NaN for a single one: of
   * whole sets there are no others.
   */
  readonly deviation: number
  readonly subsets: number
  readonly subsetSize: number
}

/**
 * Squared maximum mean discrepancy with the kernel (x y / dim + 1)^3, unbiased over subsets: the KID. May be below 0.
 * a: [pictures, dim], b: [others, dim].
 * Source: M. Bińkowski et al., Demystifying MMD GANs (arXiv 1801.01401); subsets as clean-fid and torch-fidelity draw them.
 * @throws InvalidArgumentError for fewer than two pictures on a side; the signal's reason
 */
export async function kernelDistance(
  a: Float32Array,
  b: Float32Array,
  dim: number,
  options: KernelDistanceOptions = {},
): Promise<KernelDistance> {
  const { subsets = 100, subsetSize = 1000, seed = 0, products = rowProducts, signal, onSubset } = options
  const [rowsA, rowsB] = [a.length / dim, b.length / dim]
  const size = Math.min(rowsA, rowsB, subsetSize)
  if (!(Number.isInteger(rowsA) && Number.isInteger(rowsB) && size >= 2))
    throw new InvalidArgumentError({
      argument: 'features',
      message: `${rowsA} and ${rowsB} pictures in subsets of ${subsetSize} are too few, 2 are needed`,
    })
  if (!(Number.isSafeInteger(subsets) && subsets > 0))
    throw new InvalidArgumentError({ argument: 'subsets', message: `${subsets} is no whole number from 1 on` })
  // Every subset of that size is the whole set: drawn again it says the same, and no deviation of 0.
  const count = size === rowsA && size === rowsB ? 1 : subsets
  const random = randomNumbers(seed)
  const values: number[] = []
  for (let i = 0; i < count; i++) {
    signal?.throwIfAborted()
    const x = rowsOf(a, dim, sampleWithoutReplacement(rowsA, size, random))
    const y = rowsOf(b, dim, sampleWithoutReplacement(rowsB, size, random))
    const xx = kernelSum(await products(x, x, dim), dim, size)
    const yy = kernelSum(await products(y, y, dim), dim, size)
    const xy = kernelSum(await products(x, y, dim), dim, undefined)
    values.push((xx + yy) / (size * (size - 1)) - (2 * xy) / size ** 2)
    onSubset?.(i + 1, count)
  }
  const distance = mean(values)
  const deviation = count > 1 ? Math.sqrt(mean(values.map(value => (value - distance) ** 2))) : Number.NaN
  return { distance, deviation, subsets: count, subsetSize: size }
}

/** Sum of the kernel over all products; without the diagonal of a square of `size`. */
function kernelSum(products: Float32Array, dim: number, size: number | undefined): number {
  let sum = 0
  for (let i = 0; i < products.length; i++) sum += (products[i]! / dim + 1) ** 3
  if (size !== undefined) for (let i = 0; i < size; i++) sum -= (products[i * size + i]! / dim + 1) ** 3
  return sum
}

function rowProducts(a: Float32Array, b: Float32Array, dim: number): Float32Array {
  const [rows, columns] = [a.length / dim, b.length / dim]
  const out = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let k = 0; k < dim; k++) sum += a[i * dim + k]! * b[j * dim + k]!
      out[i * columns + j] = sum
    }
  return out
}
