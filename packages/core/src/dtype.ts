/** Element types of tensors, by their safetensors / PyTorch meaning. */
export type DType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'

/** The typed array that holds each dtype. float16 and bfloat16 are kept as their raw 16 bits, bool as 0/1 bytes. */
export interface DTypeArrays {
  float64: Float64Array
  float32: Float32Array
  float16: Uint16Array
  bfloat16: Uint16Array
  int64: BigInt64Array
  int32: Int32Array
  int16: Int16Array
  int8: Int8Array
  uint8: Uint8Array
  bool: Uint8Array
}

export type TensorData = DTypeArrays[DType]

const bytesPerElement: Record<DType, number> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
}

/** Size of one element in bytes. */
export function itemSize(dtype: DType): number {
  return bytesPerElement[dtype]
}

const arrays: { [D in DType]: new (buffer: ArrayBuffer, offset: number, length: number) => DTypeArrays[D] } = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

/** A zero-filled typed array of `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): DTypeArrays[D] {
  return new arrays[dtype](new ArrayBuffer(length * itemSize(dtype)), 0, length)
}

/** Views little-endian `bytes` as elements of `dtype`; copies only where the bytes are not aligned for it. */
export function viewBytes<D extends DType>(dtype: D, bytes: Uint8Array): DTypeArrays[D] {
  const size = itemSize(dtype)
  // Not slice(): Node's Buffer overrides it with a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size)
}
