import { type Tensor, tensor } from '@viscpm/core'

/** Rows first..end-1 of a batch, over the same memory. */
export function rowsOf(t: Tensor<'float32'>, first: number, end: number): Tensor<'float32'> {
  const [batch, ...shape] = t.shape as [number, ...number[]]
  const size = t.data.length / batch
  return tensor('float32', t.data.subarray(first * size, end * size), [end - first, ...shape])
}

/** Batches one after another; all but the first axis are alike. */
export function stackedRows(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [first] = parts
  if (parts.length === 1) return first!
  const data = new Float32Array(parts.reduce((n, part) => n + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return tensor('float32', data, [parts.reduce((n, part) => n + part.shape[0]!, 0), ...first!.shape.slice(1)])
}

/** A batch of one `count` times over; a batch of `count` as it is. */
export function repeatedRows(t: Tensor<'float32'>, count: number): Tensor<'float32'> {
  return t.shape[0] === count ? t : stackedRows(new Array<Tensor<'float32'>>(count).fill(t))
}
