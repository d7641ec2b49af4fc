import type { ByteSource } from '../bytes.js'
import { itemSize } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import { limits } from './limits.js'
import { LocatedWeights, type PlacedTensor } from './located.js'
import { NeedMoreBytes } from './pickle/cursor.js'
import { storageOf, torchGlobals } from './pickle/globals.js'
import { type PickleOptions, parsePickle } from './pickle/machine.js'
import { PickleDict, PickleSequence, type PickleStorage, type PickleValue } from './pickle/values.js'
import { readRanges } from './ranges.js'
import { collectTensors, placeTensor } from './state-dict.js'
import { shown } from './text.js'
import type { WeightSource } from './types.js'
import { dataView, readU64 } from './zip-end.js'

const magic = 0x1950a86a20f9469cfc6cn
const protocolVersion = 1001
const firstWindow = 64 * 1024

/** The first bytes of every legacy checkpoint: PROTO, LONG1, and the length of its magic number. */
export const legacyStart: readonly number[] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

/**
 * Opens a checkpoint of the non-zip format: five pickles (magic, version, system, object, storage keys), then each
 * storage as its 64-bit element count and its bytes. Reads the pickles and the counts; no weights.
 * Source: torch/serialization.py, `_legacy_save`.
 * @throws FileFormatError, UnsafePickleError
 */
export async function openTorchLegacy(source: ByteSource): Promise<WeightSource> {
  const broken = (message: string, offset: number): FileFormatError =>
    new FileFormatError({ file: source.name, message, offset })
  let at = 0
  async function next(options: Partial<PickleOptions> = {}): Promise<PickleValue> {
    const { value, length } = await parseAt(source, at, options)
    at += length
    return value
  }

  if ((await next()) !== magic) throw broken('not a PyTorch checkpoint', 0)
  if ((await next()) !== protocolVersion) throw broken('a version of the legacy format that is not 1001', 0)
  const system = await next()
  if (!(system instanceof PickleDict) || system.entries?.get('little_endian') !== true)
    throw broken('the weights are not little-endian', 0)

  const storages = new Map<string, PickleStorage>()
  const object = await next({
    globals: torchGlobals,
    persistent(id, fail) {
      const storage = storageOf(id)
      if (!storage || id.length !== 6) return undefined
      if (id[5] !== null)
        throw fail(`the storage ${storage.key} is a view of another, as PyTorch before 0.4 wrote it; save it anew`)
      const known = storages.get(storage.key)
      if (known && (known.numel !== storage.numel || known.dtype !== storage.dtype))
        throw fail(`the storage ${storage.key} is described in two ways`)
      storages.set(storage.key, known ?? storage)
      return known ?? storage
    },
  })
  const tensors = collectTensors(object, source.name)

  const keysAt = at
  const order = await next()
  const inOrder: PickleStorage[] = []
  if (order instanceof PickleSequence)
    for (const key of order.items) {
      const storage = typeof key === 'string' ? storages.get(key) : undefined
      if (storage) inOrder.push(storage)
    }
  if (
    !(order instanceof PickleSequence) ||
    new Set(order.items).size !== storages.size ||
    order.items.length !== inOrder.length ||
    inOrder.length !== storages.size
  )
    throw broken('the list of storages is not that of the tensors', keysAt)

  const starts = new Map<string, number>()
  for (const { key, dtype, numel } of inOrder) {
    starts.set(key, at + 8)
    at += 8 + numel * itemSize(dtype)
    if (at > source.size)
      throw new FileFormatError({
        file: source.name,
        offset: source.size,
        message: `the file is cut off: storage ${shown(key)} needs ${at - source.size} bytes more`,
        hint: 'Download or copy the file again and compare its size with the original.',
      })
  }
  const counts = await readRanges(
    source,
    inOrder.map(({ key }) => ({ offset: starts.get(key)! - 8, length: 8 })),
  )
  for (const [i, { key, numel }] of inOrder.entries())
    if (readU64(dataView(counts[i]!), 0) !== numel)
      throw broken(
        `storage ${shown(key)} does not have the ${numel} elements that were announced`,
        starts.get(key)! - 8,
      )

  const placed = new Map<string, PlacedTensor>()
  for (const [key, tensor] of tensors)
    placed.set(key, placeTensor(key, tensor, source, starts.get(tensor.storage.key)!))
  return new LocatedWeights(source.name, 'torch-legacy', placed, [source])
}

/** Parses the pickle at `offset`, whose length is not known: reads a little, and more when that ends too early. */
async function parseAt(source: ByteSource, offset: number, options: Partial<PickleOptions>) {
  const available = Math.min(source.size - offset, limits.pickleBytes)
  for (let window = Math.min(firstWindow, available); ; ) {
    const bytes = await source.read(offset, window)
    try {
      return parsePickle(bytes, { ...options, file: source.name, base: offset, available })
    } catch (error) {
      if (!(error instanceof NeedMoreBytes)) throw error
      window = Math.min(Math.max(error.needed, 4 * window), available)
    }
  }
}
