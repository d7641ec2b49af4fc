import type { ByteSource } from '../bytes.js'
import type { DType } from '../dtype.js'
import type { Tensor } from '../tensor.js'

/** Where a contiguous tensor's bytes lie. */
export interface TensorLocation {
  readonly source: ByteSource
  /** Bytes from the start of the source. */
  readonly offset: number
  readonly length: number
}

/**
 * How the bytes of a matrix [out, in] stand for numbers: blocks of `blockSize` along a row share a scale, a value is
 * (q - 2 ** (bits - 1)) * scale. Bytes are [out, in / blockSize, blockSize * bits / 8], the even one of two 4-bit values in
 * the low half; scales are float32 [out, in / blockSize]. Source: onnxruntime, MatMulNBits.
 */
export interface BlockQuantization {
  readonly kind: 'block'
  readonly bits: 4 | 8
  readonly blockSize: number
  readonly scales: TensorLocation
}

/** Smallest and largest value; zero lies between. */
export type ValueRange = readonly [min: number, max: number]

/**
 * int8 with one scale per output channel: weight [out, ...] is q * scale[out]; scales are float32 [out]. What the layer takes
 * and gives is uint8 in the ranges that were seen.
 */
export interface ChannelQuantization {
  readonly kind: 'channel'
  readonly bits: 8
  readonly scales: TensorLocation
  readonly input: ValueRange
  /** A convolution's. */
  readonly output?: ValueRange
}

export interface TensorInfo {
  readonly key: string
  /** That of the stored bytes: 'uint8' for a matrix quantized in blocks, 'int8' for one quantized by channels. */
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Elements to step per axis, as PyTorch counts them. */
  readonly strides: readonly number[]
  /** Stored bytes, without scales; numel * itemSize where nothing is quantized. */
  readonly nbytes: number
  readonly quantization?: BlockQuantization | ChannelQuantization
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
  /** A contiguous copy, of a quantized matrix the float32 values that it stands for. @throws MissingKeyError, FileFormatError */
  read(key: string): Promise<Tensor>
  close(): Promise<void>
}
