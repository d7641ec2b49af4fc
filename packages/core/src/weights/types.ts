import type { ByteSource } from '../bytes.js'
import type { DType } from '../dtype.js'
import type { Tensor } from '../tensor.js'

export interface TensorInfo {
  readonly key: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Elements to step per axis, as PyTorch counts them. */
  readonly strides: readonly number[]
  /** numel * itemSize. */
  readonly nbytes: number
}

/** Where a contiguous tensor's bytes lie. */
export interface TensorLocation {
  readonly source: ByteSource
  /** Bytes from the start of the source. */
  readonly offset: number
  readonly length: number
}

/** A checkpoint whose tensors are known by place and read only when asked. */
export interface WeightSource {
  /** For messages: the file's or folder's name. */
  readonly name: string
  /** What the container is. */
  readonly format: 'torch-zip' | 'torch-legacy' | 'safetensors' | 'memory'
  /** In file order. */
  keys(): readonly string[]
  has(key: string): boolean
  /** @throws MissingKeyError */
  info(key: string): TensorInfo
  /** undefined when the tensor is not contiguous in a byte source (then `read` gathers it). @throws MissingKeyError */
  locate(key: string): TensorLocation | undefined
  /** A contiguous copy. @throws MissingKeyError, FileFormatError */
  read(key: string): Promise<Tensor>
  close(): Promise<void>
}
