import { NonFiniteError } from '../errors.js'
import { type Tensor, tensor } from '../tensor.js'

/**
 * Rows divided by their length. x: float32 [rows, dim] -> same.
 * @param what names a row in errors.
 * @throws NonFiniteError when a row holds NaN or infinity, or is all zeros.
 */
export function normalized(x: Tensor<'float32'>, what: string): Tensor<'float32'> {
  const [rows, dim] = x.shape as [number, number]
  const out = new Float32Array(x.data.length)
  for (let row = 0; row < rows; row++) {
    const values = x.data.subarray(row * dim, (row + 1) * dim)
    let squares = 0
    for (const value of values) squares += value * value
    const length = Math.sqrt(squares)
    if (!(length > 0 && length < Number.POSITIVE_INFINITY))
      throw new NonFiniteError({
        message: `the embedding of ${what} ${row} is ${length === 0 ? 'zero' : 'not finite'}`,
        hint: 'The weights hold NaN, infinity or zeros: the file is damaged, or its training diverged.',
      })
    for (let i = 0; i < dim; i++) out[row * dim + i] = values[i]! / length
  }
  return tensor('float32', out, x.shape)
}

/** Dot products of one row with each of the others. a: [1, dim], b: [rows, dim] -> rows numbers. */
export function dots(a: Tensor<'float32'>, b: Tensor<'float32'>): number[] {
  const [rows, dim] = b.shape as [number, number]
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0
    for (let i = 0; i < dim; i++) sum += a.data[i]! * b.data[row * dim + i]!
    return sum
  })
}
