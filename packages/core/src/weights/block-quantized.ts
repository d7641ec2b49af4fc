import { allocate } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import { type Tensor, tensor } from '../tensor.js'
import { type ChannelEntry, channelInfo, dequantizeChannels, parseChannelEntry } from './channel-quantized.js'
import type { SafetensorsSource } from './safetensors.js'
import { contiguousStrides } from './strided.js'
import { shown } from './text.js'
import type { BlockQuantization, TensorInfo, TensorLocation } from './types.js'

/** Entry of a safetensors header's `__metadata__` that says which matrices are quantized, and how. */
export const quantizationEntry = 'quantization'

/** Layout that `quantizationEntry` describes; see `BlockQuantization`. */
export const quantizationFormat = 'viscpm-blocks-1'

/** Where the scales of `key` lie. */
export const scalesKey = (key: string): string => `${key}.scales`

interface Entry {
  readonly bits: 4 | 8
  readonly blockSize: number
}

/**
 * Shows quantized matrices by their logical keys and shapes, as their `quantization` describes; their scales are no keys of
 * their own. A file without quantization is given back as it is.
 * @throws FileFormatError naming the tensor whose description does not fit what is stored
 */
export function blockQuantized(source: SafetensorsSource): SafetensorsSource {
  const text = source.metadata.get(quantizationEntry)
  if (text === undefined) return source
  const entries = parseEntries(source.name, text)
  const infos = new Map<string, TensorInfo>()
  for (const [key, entry] of entries)
    infos.set(
      key,
      'scheme' in entry ? channelInfo(source, key, entry, scalesKey(key)) : quantizedInfo(source, key, entry),
    )
  const scales = new Set([...entries.keys()].map(scalesKey))
  const keys = source.keys().filter(key => !scales.has(key))
  return {
    name: source.name,
    format: source.format,
    metadata: source.metadata,
    keys: () => keys,
    has: key => source.has(key) && !scales.has(key),
    info: key => infos.get(key) ?? source.info(key),
    locate: key => source.locate(key),
    read: key => {
      const info = infos.get(key)
      return info ? dequantized(source, key, info) : source.read(key)
    },
    close: () => source.close(),
  }
}

function parseEntries(file: string, text: string): Map<string, Entry | ChannelEntry> {
  const broken = (message: string) =>
    new FileFormatError({
      file,
      message: `__metadata__.${quantizationEntry}: ${message}`,
      hint: "Made by a newer version, or damaged: 'viscpm verify' tells which.",
    })
  let json: { format?: unknown; tensors?: unknown } | null
  try {
    json = JSON.parse(text)
  } catch {
    throw broken('is not JSON')
  }
  if (json?.format !== quantizationFormat)
    throw broken(`the format ${shown(String(json?.format))} is not known (known: ${quantizationFormat})`)
  const { tensors } = json
  if (tensors === null || typeof tensors !== 'object') throw broken('has no tensors')
  return new Map<string, Entry | ChannelEntry>(
    Object.entries(tensors as Record<string, Record<string, unknown> | null>).map(([key, value]) => {
      if (value?.scheme === 'channel') return [key, parseChannelEntry(key, value, broken)]
      const { bits, block_size: blockSize } = value ?? {}
      if (bits !== 4 && bits !== 8) throw broken(`${shown(key)} has ${String(bits)} bits; 4 and 8 are known`)
      if (typeof blockSize !== 'number' || ![16, 32, 64, 128, 256].includes(blockSize))
        throw broken(`${shown(key)} has blocks of ${String(blockSize)}; 16, 32, 64, 128 and 256 are known`)
      return [key, { bits, blockSize }]
    }),
  )
}

function quantizedInfo(source: SafetensorsSource, key: string, { bits, blockSize }: Entry): TensorInfo {
  const broken = (message: string) => new FileFormatError({ file: source.name, message: `${shown(key)} ${message}` })
  if (!source.has(key)) throw broken('is said to be quantized, and is not there')
  const { dtype, shape, nbytes } = source.info(key)
  const [out, blocks, bytes] = shape
  if (dtype !== 'uint8' || shape.length !== 3 || bytes !== (blockSize * bits) / 8)
    throw broken(`is ${dtype} [${shape}], not uint8 [out, blocks, ${(blockSize * bits) / 8}] as its quantization says`)
  const scales = scalesKey(key)
  const found = source.has(scales) ? source.info(scales) : undefined
  if (found?.dtype !== 'float32' || String(found.shape) !== String([out, blocks]))
    throw broken(`has no scales ${shown(scales)} float32 [${out},${blocks}]`)
  const logical = [out!, blocks! * blockSize]
  const quantization: BlockQuantization = { kind: 'block', bits, blockSize, scales: source.locate(scales)! }
  return { key, dtype, shape: logical, strides: contiguousStrides(logical), nbytes, quantization }
}

async function dequantized(source: SafetensorsSource, key: string, info: TensorInfo): Promise<Tensor> {
  const { data } = await source.read(key)
  const scales = (await source.read(scalesKey(key))).data as Float32Array
  if (info.quantization!.kind === 'channel') return dequantizeChannels(data as Int8Array, scales, info.shape)
  const { bits, blockSize } = info.quantization!
  const bytes = data as Uint8Array
  return tensor('float32', dequantize(bytes, scales, bits, blockSize), [...info.shape])
}

/** The values that quantized bytes stand for; layout as in `BlockQuantization`. */
export function dequantize(
  bytes: Uint8Array,
  scales: Float32Array,
  bits: 4 | 8,
  blockSize: number,
): Float32Array<ArrayBuffer> {
  const out = allocate('float32', scales.length * blockSize) as Float32Array<ArrayBuffer>
  for (let block = 0, at = 0; block < scales.length; block++) {
    const scale = scales[block]!
    if (bits === 8) for (let i = 0; i < blockSize; i++, at++) out[at] = (bytes[at]! - 128) * scale
    else
      for (let i = 0; i < blockSize; i += 2, at += 2) {
        const byte = bytes[at >> 1]!
        out[at] = ((byte & 15) - 8) * scale
        out[at + 1] = ((byte >> 4) - 8) * scale
      }
  }
  return out
}

/** True when `b` begins where `a` ends. */
export function follows(a: TensorLocation, b: TensorLocation): boolean {
  return a.source === b.source && a.offset + a.length === b.offset
}
