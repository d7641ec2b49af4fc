import { allocate, type DType, type DTypeArrays, type TensorData } from './dtype.js'
import { InvalidArgumentError } from './errors.js'
import { bfloat16ToFloat32, float16ToFloat32 } from './float16.js'

/** A dense, contiguous, row-major array in memory. `shape` [] is a scalar of one element. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: DTypeArrays[D]
}

/** Number of elements of a shape. */
export function numel(shape: readonly number[]): number {
  let n = 1
  for (const d of shape) n *= d
  return n
}

/**
 * Makes a tensor over `data` (not copied).
 * @throws InvalidArgumentError when the data's length is not the shape's number of elements.
 */
export function tensor<D extends DType>(dtype: D, data: DTypeArrays[D], shape: readonly number[]): Tensor<D> {
  if (data.length !== numel(shape))
    throw new InvalidArgumentError({
      argument: 'shape',
      message: `shape [${shape}] needs ${numel(shape)} elements, the data has ${data.length}`,
    })
  return { dtype, shape: [...shape], data }
}

/** A tensor of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
  return { dtype, shape: [...shape], data: allocate(dtype, numel(shape)) }
}

/** float32 tensor from numbers. */
export function float32(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Tensor<'float32'> {
  return tensor('float32', values instanceof Float32Array ? (values as Float32Array) : Float32Array.from(values), shape)
}

/** int64 tensor from whole numbers. */
export function int64(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Tensor<'int64'> {
  const out = new BigInt64Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = BigInt(values[i]!)
  return tensor('int64', out, shape)
}

/** int32 tensor from whole numbers. */
export function int32(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Tensor<'int32'> {
  return tensor('int32', values instanceof Int32Array ? (values as Int32Array) : Int32Array.from(values), shape)
}

/** bool tensor from 0/1. */
export function bool(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Tensor<'bool'> {
  return tensor('bool', values instanceof Uint8Array ? (values as Uint8Array) : Uint8Array.from(values), shape)
}

/** The values as float32, converting from any dtype. */
export function toFloat32(t: { readonly dtype: DType; readonly data: TensorData }): Float32Array {
  if (t.dtype === 'float32') return t.data as Float32Array
  if (t.dtype === 'float16') return float16ToFloat32(t.data as Uint16Array)
  if (t.dtype === 'bfloat16') return bfloat16ToFloat32(t.data as Uint16Array)
  const out = new Float32Array(t.data.length)
  for (let i = 0; i < out.length; i++) out[i] = Number(t.data[i])
  return out
}
