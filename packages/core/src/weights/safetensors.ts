import type { ByteSource } from '../bytes.js'
import { itemSize } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import { blockQuantized } from './block-quantized.js'
import { JsonCursor, JsonSyntaxError } from './json-cursor.js'
import { limits } from './limits.js'
import { LocatedWeights, type PlacedTensor } from './located.js'
import { type HeaderTensor, parseHeader } from './safetensors-header.js'
import { checkedNumel, contiguousStrides } from './strided.js'
import { shown } from './text.js'
import type { WeightSource } from './types.js'
import { dataView, readU64 } from './zip-end.js'

/** A safetensors file: its tensors, and the strings of its header. */
export interface SafetensorsSource extends WeightSource {
  /** `__metadata__`; empty where there is none. */
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Opens a safetensors file, reading only its header. The rules are the format's own: offsets cover the data without
 * holes or overlaps, keys are unique. Matrices that its metadata calls quantized are shown as such. Closing the weights closes `source`; when this throws, it is still the caller's.
 * Source: huggingface/safetensors, format description.
 * @throws FileFormatError
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsSource> {
  const broken = (message: string, offset?: number): FileFormatError =>
    new FileFormatError({ file: source.name, message, ...(offset === undefined ? {} : { offset }) })
  if (source.size < 8) throw broken(`not a safetensors file: it has ${source.size} bytes`)
  const length = readU64(dataView(await source.read(0, 8)), 0)
  if (!(length <= source.size - 8))
    throw broken('the header is longer than the file: cut off, or not a safetensors file', 0)
  if (length > limits.headerBytes)
    throw broken(`the header has ${length} bytes, over the limit of ${limits.headerBytes}`, 0)

  const { tensors, metadata } = parse(await source.read(8, length))
  const dataStart = 8 + length
  const placed = new Map<string, PlacedTensor>()
  let reached = 0
  for (const { key, dtype, shape, begin, end } of inFileOrder(tensors)) {
    const numel = checkedNumel(shape, dtype)
    const size = itemSize(dtype)
    if (numel === undefined) throw broken(`${shown(key)} has the impossible shape [${shape.slice(0, 8)}]`)
    const nbytes = numel * size
    if (end - begin !== nbytes)
      throw broken(`${shown(key)} has ${end - begin} bytes; ${dtype} of shape [${shape.slice(0, 8)}] needs ${nbytes}`)
    if (begin !== reached)
      throw broken(
        `${shown(key)} ${begin < reached ? 'overlaps the tensor before it' : 'follows a hole'}`,
        dataStart + begin,
      )
    if (dataStart + end > source.size)
      throw new FileFormatError({
        file: source.name,
        message: `the file is cut off: ${shown(key)} ends ${dataStart + end - source.size} bytes beyond it`,
        hint: 'Download or copy the file again and compare its size with the original.',
      })
    reached = end
    const info = { key, dtype, shape, strides: contiguousStrides(shape), nbytes }
    placed.set(key, { info, source, offset: dataStart + begin })
  }
  if (dataStart + reached !== source.size)
    throw broken(`${source.size - dataStart - reached} bytes follow the last tensor`, dataStart + reached)
  return blockQuantized(Object.assign(new LocatedWeights(source.name, 'safetensors', placed, [source]), { metadata }))

  function parse(bytes: Uint8Array): ReturnType<typeof parseHeader> {
    try {
      const json = new JsonCursor(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
      if (!json.text.startsWith('{')) throw json.fail("'{' was expected")
      return parseHeader(json)
    } catch (cause) {
      const reason = cause instanceof JsonSyntaxError ? `${cause.message}, character ${cause.position}` : 'not UTF-8'
      throw new FileFormatError({ file: source.name, message: `broken safetensors header: ${reason}`, cause })
    }
  }
}

function inFileOrder(tensors: readonly HeaderTensor[]): HeaderTensor[] {
  return [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)
}
