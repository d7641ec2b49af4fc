import { type DType, itemSize } from '../dtype.js'
import { numel } from '../tensor.js'
import { quantizationEntry, quantizationFormat, scalesKey } from '../weights/block-quantized.js'
import { safetensorsHeader } from '../weights/safetensors-writer.js'
import type { Draft } from './plan.js'

/** Where a tensor lies in the new file. */
export interface FilePlace {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly length: number
}

interface Layout {
  readonly places: ReadonlyMap<string, FilePlace>
  /** Of the scales, by the key of their matrix. */
  readonly scales: ReadonlyMap<string, FilePlace>
  readonly header: Uint8Array
  readonly size: number
}

/** Lays tensors out as safetensors: wide dtypes first, which keeps all aligned, else in the order given. */
export function layOut(drafts: readonly Draft[]): Layout {
  const specs = drafts.flatMap(({ key, action, source: { dtype, shape }, blocks }) => {
    if (!blocks)
      return [{ key, of: key, isScales: false, dtype: action === 'convert' ? ('float16' as const) : dtype, shape }]
    const { bits, blockSize } = blocks
    const [out, columns] = shape as [number, number]
    const count = columns / blockSize
    return [
      { key: scalesKey(key), of: key, isScales: true, dtype: 'float32' as const, shape: [out, count] },
      { key, of: key, isScales: false, dtype: 'uint8' as const, shape: [out, count, (blockSize * bits) / 8] },
    ]
  })
  const quantized = drafts.flatMap(({ key, blocks }) =>
    blocks ? [[key, { bits: blocks.bits, block_size: blocks.blockSize }] as const] : [],
  )
  const metadata = quantized.length
    ? { [quantizationEntry]: JSON.stringify({ format: quantizationFormat, tensors: Object.fromEntries(quantized) }) }
    : {}
  const { ordered, header } = safetensorsHeader(specs, metadata)
  const places = new Map<string, FilePlace>()
  const scales = new Map<string, FilePlace>()
  let offset = header.length
  for (const { of, isScales, dtype, shape } of ordered) {
    const length = numel(shape) * itemSize(dtype)
    ;(isScales ? scales : places).set(of, { dtype, shape, offset, length })
    offset += length
  }
  return { places, scales, header, size: offset }
}
