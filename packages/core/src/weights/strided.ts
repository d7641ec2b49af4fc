import { allocate, type DType, itemSize, type TensorData } from '../dtype.js'
import { limits } from './limits.js'

/** Row-major strides in elements, as PyTorch gives them to a fresh tensor. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= Math.max(shape[i]!, 1)
  }
  return strides
}

/** Number of elements; undefined where the shape is not one, or its bytes cannot be counted exactly. */
export function checkedNumel(shape: readonly number[], dtype: DType): number | undefined {
  if (shape.length > limits.dimensions || !shape.every(d => Number.isSafeInteger(d) && d >= 0)) return undefined
  if (shape.includes(0)) return 0
  let n = 1
  for (const d of shape) {
    n *= d
    if (n > Number.MAX_SAFE_INTEGER / itemSize(dtype)) return undefined
  }
  return n
}

/** True when the elements lie one after another in row-major order. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue
    if (strides[i] !== step) return false
    step *= shape[i]!
  }
  return true
}

/** Elements from the first to the last one touched, both included. 0 for an empty tensor. May be Infinity. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0
  let last = 0
  for (let i = 0; i < shape.length; i++) last += (shape[i]! - 1) * strides[i]!
  return last + 1
}

const unsigned = { 1: 'uint8', 2: 'bfloat16', 4: 'int32', 8: 'int64' } as const satisfies Record<number, DType>

/** Copies a strided view (`from[0]` is its first element) into a contiguous array. Only bits are moved. */
export function gather<D extends DType>(
  dtype: D,
  from: TensorData,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): TensorData {
  const out = allocate(dtype, count)
  const axes = shape.map((size, i) => ({ size, stride: strides[i]! })).filter(axis => axis.size > 1)
  const inner = axes.pop() ?? { size: 1, stride: 1 }
  const index = axes.map(() => 0)
  let source = 0
  for (let at = 0; at < count; ) {
    for (let i = 0, p = source; i < inner.size; i++, p += inner.stride) out[at++] = from[p]!
    // Next row: an odometer over the outer axes.
    for (let a = axes.length - 1; a >= 0; a--) {
      const { size, stride } = axes[a]!
      source += stride
      if (++index[a]! < size) break
      index[a] = 0
      source -= size * stride
    }
  }
  return out
}

/** The integer type of the same width: copying floats by value could change NaN payloads. */
export function bitsOf(dtype: DType): DType {
  return unsigned[itemSize(dtype) as 1 | 2 | 4 | 8]
}
