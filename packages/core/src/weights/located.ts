import type { ByteSource } from '../bytes.js'
import { type DType, itemSize, type TensorData, viewBytes } from '../dtype.js'
import { FileFormatError, MissingKeyError } from '../errors.js'
import type { Tensor } from '../tensor.js'
import { bitsOf, gather, isContiguous, spanOf } from './strided.js'
import { shown } from './text.js'
import type { TensorInfo, TensorLocation, WeightSource } from './types.js'

/** A tensor whose place is known and was checked to lie inside its source. */
export interface PlacedTensor {
  readonly info: TensorInfo
  readonly source: ByteSource
  /** Byte of the first element. */
  readonly offset: number
}

/** A WeightSource over tensors that lie in byte sources. */
export class LocatedWeights implements WeightSource {
  readonly name: string
  readonly format: WeightSource['format']
  readonly #tensors: ReadonlyMap<string, PlacedTensor>
  readonly #sources: readonly ByteSource[]
  #keys: readonly string[] | undefined

  constructor(
    name: string,
    format: WeightSource['format'],
    tensors: ReadonlyMap<string, PlacedTensor>,
    sources: readonly ByteSource[],
  ) {
    this.name = name
    this.format = format
    this.#tensors = tensors
    this.#sources = sources
  }

  keys(): readonly string[] {
    this.#keys ??= [...this.#tensors.keys()]
    return this.#keys
  }

  has(key: string): boolean {
    return this.#tensors.has(key)
  }

  info(key: string): TensorInfo {
    return this.#placed(key).info
  }

  locate(key: string): TensorLocation | undefined {
    const { info, source, offset } = this.#placed(key)
    return isContiguous(info.shape, info.strides) ? { source, offset, length: info.nbytes } : undefined
  }

  async read(key: string): Promise<Tensor> {
    const { info, source, offset } = this.#placed(key)
    const { dtype, shape, strides, nbytes } = info
    const contiguous = isContiguous(shape, strides)
    const length = contiguous ? nbytes : spanOf(shape, strides) * itemSize(dtype)
    const bytes = length === 0 ? new Uint8Array(0) : await source.read(offset, length)
    const bits = bitsOf(dtype)
    const data = contiguous
      ? ownCopy(bytes)
      : bytesOf(gather(bits, viewBytes(bits, ownCopy(bytes)), shape, strides, nbytes / itemSize(dtype)))
    if (dtype === 'bool' && data.some(byte => byte > 1))
      throw new FileFormatError({ file: source.name, offset, message: `${shown(key)} is bool and holds bytes above 1` })
    return { dtype, shape: [...shape], data: viewBytes<DType>(dtype, data) }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map(source => source.close()))
  }

  #placed(key: string): PlacedTensor {
    const found = this.#tensors.get(key)
    if (!found) throw new MissingKeyError({ file: this.name, keys: [key] })
    return found
  }
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** A file gives fresh bytes; a view into something larger must be copied out of it. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
