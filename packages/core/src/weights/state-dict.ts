import type { ByteSource } from '../bytes.js'
import { itemSize } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import { limits } from './limits.js'
import type { PlacedTensor } from './located.js'
import { PickleDict, PickleSequence, PickleTensor, type PickleValue, typeName } from './pickle/values.js'
import { checkedNumel, spanOf } from './strided.js'
import { shown } from './text.js'

/**
 * The tensors of a checkpoint's object by key, in file order. Keys of nested dicts and positions in lists are joined
 * by dots; values that are not tensors (epoch, learning rate, ...) are passed over.
 * @throws FileFormatError when there are none, or two get the same key.
 */
export function collectTensors(root: PickleValue, file: string): Map<string, PickleTensor> {
  const found = new Map<string, PickleTensor>()
  const broken = (message: string): FileFormatError => new FileFormatError({ file, message })
  let visited = 0
  let characters = 0

  function visit(value: PickleValue, path: string | undefined, depth: number): void {
    if (++visited > limits.values) throw broken(`the checkpoint holds over ${limits.values} values`)
    if (value instanceof PickleTensor) add(path ?? '', value)
    else if (value instanceof PickleDict || value instanceof PickleSequence) {
      // The pickle may refer back to what contains it, so depth is bounded rather than trusted.
      if (depth >= limits.nesting) throw broken(`the checkpoint nests over ${limits.nesting} levels deep`)
      const join = (key: string): string => (path === undefined ? key : `${path}.${key}`)
      if (value instanceof PickleSequence)
        for (const [i, item] of value.items.entries()) visit(item, join(String(i)), depth + 1)
      else
        for (const [key, item] of value.entries ?? []) {
          if (typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint')
            visit(item, join(String(key)), depth + 1)
          else if (item instanceof PickleTensor) throw broken(`a tensor under a key that is a ${typeName(key)}`)
        }
    }
  }

  function add(key: string, tensor: PickleTensor): void {
    characters += key.length
    if (key.length > limits.keyLength) throw broken(`the key ${shown(key)} has ${key.length} characters`)
    if (found.size >= limits.tensors || characters > limits.allKeysLength)
      throw broken(`the checkpoint holds over ${limits.tensors} tensors, or keys too long for that many`)
    if (found.has(key)) throw broken(`two tensors have the key ${shown(key)}`)
    found.set(key, tensor)
  }

  visit(root, undefined, 0)
  if (found.size === 0)
    throw new FileFormatError({
      file,
      message: 'the checkpoint holds no tensors',
      hint: 'A file made with torch.save(model.state_dict(), ...) is needed.',
    })
  return found
}

/**
 * Checks a tensor against the storage it views and gives its place. `start` is the byte where the storage begins.
 * @throws FileFormatError
 */
export function placeTensor(key: string, tensor: PickleTensor, source: ByteSource, start: number): PlacedTensor {
  const { storage, shape, strides } = tensor
  const { dtype } = storage
  const size = itemSize(dtype)
  const numel = checkedNumel(shape, dtype)
  const span = spanOf(shape, strides)
  const fail = (message: string): FileFormatError =>
    new FileFormatError({ file: source.name, message: `${shown(key)} ${message}` })
  if (numel === undefined) throw fail(`has the impossible shape [${shape.slice(0, 8)}]`)
  if (numel > 0 && !(tensor.offset + span <= storage.numel))
    throw fail(`reaches element ${tensor.offset + span} of a storage of ${storage.numel}`)
  if (numel > storage.numel && numel * size > limits.expandedBytes)
    throw fail(`repeats a storage of ${storage.numel} elements to ${numel}; that is refused`)
  // An empty tensor lies at its storage's start: its own offset means nothing.
  const offset = numel === 0 ? start : start + tensor.offset * size
  return { info: { key, dtype, shape, strides, nbytes: numel * size }, source, offset }
}
