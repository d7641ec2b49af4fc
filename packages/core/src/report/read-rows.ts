import { type DType, itemSize, viewBytes } from '../dtype.js'
import { bfloat16ToFloat32, float16ToFloat32 } from '../float16.js'
import { numel, toFloat32 } from '../tensor.js'
import { dequantize } from '../weights/block-quantized.js'
import { dequantizeChannels } from '../weights/channel-quantized.js'
import type { TensorInfo, TensorLocation, WeightSource } from '../weights/types.js'

/** Numbers that are read at once, where a row is not longer. */
const numbersAtOnce = 2 ** 20

/** A tensor as rows: all but the first dimension together. A vector is one row. */
export interface RowShape {
  readonly rows: number
  readonly columns: number
}

export function rowShape({ shape }: Pick<TensorInfo, 'shape'>): RowShape {
  const all = numel(shape)
  const rows = shape.length < 2 ? 1 : shape[0]!
  return { rows, columns: rows === 0 ? 0 : all / rows }
}

/** How many rows are read at once. */
export function rowsAtOnce({ columns }: RowShape): number {
  return Math.max(1, Math.floor(numbersAtOnce / Math.max(1, columns)))
}

/** Reads rows [from, to) of a tensor as float32. */
export type RowReader = (from: number, to: number) => Promise<Float32Array>

/** Reads a tensor by rows, never whole; only tensors that lie scattered in their file are held while they are read. */
export function rowReader(source: WeightSource, key: string): RowReader {
  const info = source.info(key)
  const { columns } = rowShape(info)
  const location = source.locate(key)
  const { quantization } = info
  if (location && quantization?.kind === 'block') {
    const { bits, blockSize, scales } = quantization
    return async (from, to) => {
      const bytes = await bytesOf(location, (columns * bits) / 8, from, to)
      const factors = await bytesOf(scales, (columns / blockSize) * 4, from, to)
      return dequantize(bytes, viewBytes('float32', factors), bits, blockSize)
    }
  }
  if (location && quantization?.kind === 'channel')
    return async (from, to) => {
      const bytes = viewBytes('int8', await bytesOf(location, columns, from, to))
      const factors = viewBytes('float32', await bytesOf(quantization.scales, 4, from, to))
      return dequantizeChannels(bytes, factors, [to - from, columns]).data
    }
  if (location && !quantization && info.dtype in widened) {
    const size = columns * itemSize(info.dtype)
    const widen = widened[info.dtype as keyof typeof widened]
    return async (from, to) => widen(await bytesOf(location, size, from, to))
  }
  let whole: Promise<Float32Array> | undefined
  return async (from, to) => {
    whole ??= source.read(key).then(toFloat32)
    return (await whole).subarray(from * columns, to * columns)
  }
}

const bytesOf = ({ source, offset }: TensorLocation, rowBytes: number, from: number, to: number): Promise<Uint8Array> =>
  source.read(offset + from * rowBytes, (to - from) * rowBytes)

const widened = {
  float32: (bytes: Uint8Array) => viewBytes('float32', bytes),
  float16: (bytes: Uint8Array) => float16ToFloat32(viewBytes('float16', bytes)),
  bfloat16: (bytes: Uint8Array) => bfloat16ToFloat32(viewBytes('bfloat16', bytes)),
} satisfies Partial<Record<DType, (bytes: Uint8Array) => Float32Array>>
