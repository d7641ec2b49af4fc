import { memoryBytes } from '../bytes.js'
import { type DType, itemSize, viewBytes } from '../dtype.js'
import { InvalidArgumentError } from '../errors.js'
import { numel, type Tensor } from '../tensor.js'
import { LocatedWeights, type PlacedTensor } from './located.js'
import { contiguousStrides } from './strided.js'
import type { WeightSource } from './types.js'

/**
 * Weights that lie in memory: a record, or a Map (which keeps the order of number-like keys). Nothing is copied until
 * `read`; `locate` gives each tensor's own bytes.
 * @throws InvalidArgumentError when a tensor's data does not fit its shape.
 */
export function memoryWeights(
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  name = 'memory',
): WeightSource {
  const placed = new Map<string, PlacedTensor>()
  for (const [key, { dtype, shape, data }] of tensors instanceof Map ? tensors : Object.entries(tensors)) {
    if (data.length !== numel(shape))
      throw new InvalidArgumentError({
        argument: key,
        message: `shape [${shape}] needs ${numel(shape)} elements, the data has ${data.length}`,
      })
    const info = { key, dtype, shape, strides: contiguousStrides(shape), nbytes: data.length * itemSize(dtype) }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    placed.set(key, { info, source: memoryBytes(bytes, `${name}: ${key}`), offset: 0 })
  }
  return new MemoryWeights(name, 'memory', placed, [])
}

class MemoryWeights extends LocatedWeights {
  /** The caller's arrays are never handed out. */
  override async read(key: string): Promise<Tensor> {
    const { source, offset, length } = this.locate(key)!
    const { dtype, shape } = this.info(key)
    const bytes = new Uint8Array(await source.read(offset, length))
    return { dtype, shape: [...shape], data: viewBytes<DType>(dtype, bytes) }
  }
}
