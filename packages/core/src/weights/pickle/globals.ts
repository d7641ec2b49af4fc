import type { DType } from '../../dtype.js'
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleSequence,
  PickleStorage,
  PickleTensor,
  type PickleValue,
} from './values.js'

const storages: Readonly<Record<string, DType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
}

/** A tuple of whole non-negative numbers, as shapes and strides are. */
function sizes(value: PickleValue | undefined): number[] | undefined {
  if (!(value instanceof PickleSequence)) return undefined
  return value.items.every(isSize) ? [...(value.items as number[])] : undefined
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** (storage, offset, shape, strides, requires_grad, backward_hooks[, metadata]) */
function rebuildTensor(args: readonly PickleValue[]): PickleTensor | undefined {
  const [storage, offset, shape, strides, , , metadata] = args
  const dims = sizes(shape)
  const steps = sizes(strides)
  if (args.length < 6 || args.length > 7 || !(storage instanceof PickleStorage) || !isSize(offset)) return undefined
  if (!dims || !steps || dims.length !== steps.length) return undefined
  // Metadata may ask to conjugate or negate the values: better refused than read wrongly.
  if (metadata instanceof PickleDict ? metadata.entries : metadata !== undefined && metadata !== null) return undefined
  return new PickleTensor(storage, offset, dims, steps)
}

const functions: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue | undefined>> = {
  'collections.OrderedDict': args => (args.length === 0 ? new PickleDict(true) : undefined),
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  // (tensor, requires_grad, backward_hooks)
  'torch._utils._rebuild_parameter': args =>
    args.length === 3 && args[0] instanceof PickleTensor ? args[0] : undefined,
  'torch.Size': args => (args.length === 1 && sizes(args[0]) ? args[0] : undefined),
  // How protocol 2 writes a byte string.
  '_codecs.encode': args =>
    args.length === 2 && typeof args[0] === 'string' && args[1] === 'latin1'
      ? new PickleBytes(args[0].length)
      : undefined,
}

/** Everything that a checkpoint's pickle may name. */
export const torchGlobals: ReadonlyMap<string, PickleGlobal> = new Map([
  ...Object.entries(functions).map(([name, reduce]): [string, PickleGlobal] => [
    name,
    new PickleGlobal(name, undefined, reduce),
  ]),
  ...Object.entries(storages).map(([name, dtype]): [string, PickleGlobal] => {
    const full = `torch.${name}`
    return [full, new PickleGlobal(full, dtype)]
  }),
])

/**
 * The storage that a persistent id names: ('storage', type, key, location, numel, ...). The location (cpu, cuda:0)
 * does not matter here. undefined when it is no such id.
 */
export function storageOf(id: readonly PickleValue[]): PickleStorage | undefined {
  const [kind, type, key, , numel] = id
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || !type.dtype) return undefined
  if (typeof key !== 'string' || !/^[\w-]{1,64}$/.test(key)) return undefined
  // 2^50 elements of 8 bytes are still counted exactly.
  if (typeof numel !== 'number' || !Number.isInteger(numel) || numel < 0 || numel > 2 ** 50) return undefined
  return new PickleStorage(key, type.dtype, numel)
}
