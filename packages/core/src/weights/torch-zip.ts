import type { ByteSource } from '../bytes.js'
import { crc32 } from '../crc32.js'
import { itemSize } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import { limits } from './limits.js'
import { LocatedWeights, type PlacedTensor } from './located.js'
import { storageOf, torchGlobals } from './pickle/globals.js'
import { parsePickle } from './pickle/machine.js'
import { collectTensors, placeTensor } from './state-dict.js'
import { shown } from './text.js'
import type { WeightSource } from './types.js'
import { entryOffsets, readZipDirectory, type ZipEntry } from './zip.js'

/**
 * Opens a zip checkpoint of torch.save (PyTorch 1.6 and later). Reads the zip directory, the pickle and the local
 * headers of the storages; no weights.
 * @throws FileFormatError, UnsafePickleError
 */
export async function openTorchZip(source: ByteSource): Promise<WeightSource> {
  const entries = await readZipDirectory(source)
  const pickleEntry = findPickle(source, entries)
  const folder = pickleEntry.name.slice(0, -'data.pkl'.length)
  const byteOrder = entries.get(`${folder}byteorder`)
  const [pickleStart, orderStart] = await entryOffsets(source, byteOrder ? [pickleEntry, byteOrder] : [pickleEntry])
  if (byteOrder) {
    const order = byteOrder.size <= 16 ? ascii(await source.read(orderStart!, byteOrder.size)) : ''
    if (order.trim() !== 'little')
      throw new FileFormatError({
        file: source.name,
        message: `the weights are of byte order ${shown(order)}; little-endian is read`,
        offset: orderStart!,
      })
  }

  const pickle = await source.read(pickleStart!, pickleEntry.size)
  if (pickleEntry.crc32 !== 0 && crc32(pickle) !== pickleEntry.crc32)
    throw new FileFormatError({
      file: source.name,
      message: `${pickleEntry.name} does not have its checksum: the file is damaged`,
      offset: pickleStart!,
      hint: 'Download or copy the file again.',
    })

  const used = new Map<string, ZipEntry>()
  const { value } = parsePickle(pickle, {
    file: source.name,
    base: pickleStart!,
    available: pickle.length,
    globals: torchGlobals,
    persistent(id, fail) {
      const storage = storageOf(id)
      if (!storage || id.length !== 5) return undefined
      const name = `${folder}data/${storage.key}`
      const entry = entries.get(name)
      if (!entry) throw fail(`the storage ${shown(name)} is not in the archive`)
      if (entry.size !== storage.numel * itemSize(storage.dtype))
        throw fail(
          `the storage ${shown(name)} has ${entry.size} bytes, ${storage.numel} elements of ${storage.dtype} were announced`,
        )
      used.set(storage.key, entry)
      return storage
    },
  })

  const tensors = collectTensors(value, source.name)
  const starts = await entryOffsets(source, [...used.values()])
  const startOf = new Map([...used.keys()].map((key, i) => [key, starts[i]!]))
  const placed = new Map<string, PlacedTensor>()
  for (const [key, tensor] of tensors)
    placed.set(key, placeTensor(key, tensor, source, startOf.get(tensor.storage.key)!))
  return new LocatedWeights(source.name, 'torch-zip', placed, [source])
}

function findPickle(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>): ZipEntry {
  const names = [...entries.keys()].filter(name => name === 'data.pkl' || name.endsWith('/data.pkl'))
  const entry = entries.get(names[0] ?? '')
  if (!entry || names.length > 1)
    throw new FileFormatError({
      file: source.name,
      message: entry ? 'a zip archive with several checkpoints in it' : 'a zip archive, but not a PyTorch checkpoint',
      ...(entry ? {} : { hint: 'If it is a packed folder, unpack it first.' }),
    })
  if (entries.has(`${entry.name.slice(0, -'data.pkl'.length)}constants.pkl`))
    throw new FileFormatError({
      file: source.name,
      message: 'a TorchScript program, not a checkpoint',
      hint: 'Save its state_dict() with torch.save.',
    })
  if (entry.size > limits.pickleBytes)
    throw new FileFormatError({
      file: source.name,
      message: `its pickle has ${entry.size} bytes, over the limit of ${limits.pickleBytes}`,
      offset: entry.headerOffset,
    })
  return entry
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
