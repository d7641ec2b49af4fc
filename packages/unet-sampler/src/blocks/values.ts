import { type DType, InvalidArgumentError, NonFiniteError, numel, type Tensor, tensor, toFloat32 } from '@viscpm/core'

/** Index of the first NaN or infinity, or -1. */
export function firstNonFinite(values: Float32Array): number {
  // The sum of finite float32 values in float64 is finite, so one pass without branches tells the usual case.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return Number.isFinite(sum) ? -1 : values.findIndex(v => !Number.isFinite(v))
}

const floats: readonly DType[] = ['float32', 'float16', 'bfloat16']

/**
 * A tensor as float32, checked: `shape` gives sizes, or names for those that may be anything from 1 on.
 * @throws InvalidArgumentError for another dtype or shape, NonFiniteError for NaN or infinity.
 */
export function checkedFloats(
  argument: string,
  t: Tensor,
  shape: readonly (number | string)[],
  hint?: string,
): Tensor<'float32'> {
  const expected = `[${shape.join(', ')}]`
  const fail = (message: string): never => {
    throw new InvalidArgumentError({ argument, message, ...(hint === undefined ? {} : { hint }) })
  }
  if (!floats.includes(t.dtype)) fail(`float32 or float16 values are needed, found ${t.dtype}`)
  const fits = (size: number | string, i: number) => (typeof size === 'number' ? t.shape[i] === size : t.shape[i]! >= 1)
  if (t.shape.length !== shape.length || !shape.every(fits)) fail(`${expected} is needed, found [${t.shape}]`)
  if (t.data.length !== numel(t.shape)) fail(`shape [${t.shape}] does not fit its ${t.data.length} values`)
  const data = toFloat32(t)
  checkFinite(data, i => `${argument}: value ${i} is ${data[i]}`)
  return tensor('float32', data, t.shape)
}

/** @throws NonFiniteError with `message(index of the first bad value)`. */
export function checkFinite(values: Float32Array, message: (index: number) => string, hint?: string): void {
  const at = firstNonFinite(values)
  if (at >= 0) throw new NonFiniteError({ message: message(at), ...(hint === undefined ? {} : { hint }) })
}

/** For results that are not finite although the inputs were. */
export const damagedWeights =
  'The weights hold NaN or infinity, or the inputs are far outside what the model was trained on.'
