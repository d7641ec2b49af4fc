import { FileFormatError } from '../errors.js'
import { numel, type Tensor, tensor } from '../tensor.js'
import { contiguousStrides } from './strided.js'
import { shown } from './text.js'
import type { ChannelQuantization, TensorInfo, ValueRange, WeightSource } from './types.js'

/** What a header's `__metadata__.quantization` says of a tensor with one scale per output channel. */
export interface ChannelEntry {
  readonly scheme: 'channel'
  readonly bits: 8
  /** Of what the layer takes, and of what it gives: [min, max]; only a convolution needs the second. */
  readonly input: ValueRange
  readonly output?: ValueRange
}

/** Reads an entry with `"scheme": "channel"`. @throws what `broken` makes of a sentence that names the key */
export function parseChannelEntry(
  key: string,
  json: Readonly<Record<string, unknown>>,
  broken: (message: string) => Error,
): ChannelEntry {
  if (json.bits !== 8) throw broken(`${shown(key)} has channels of ${String(json.bits)} bits; 8 are known`)
  const input = range(json.input)
  if (!input) throw broken(`${shown(key)} has no range of its input ("input": [min, max])`)
  const output = range(json.output)
  if (json.output !== undefined && !output)
    throw broken(`${shown(key)}: the range of its output is not [min, max]: ${shown(JSON.stringify(json.output))}`)
  return { scheme: 'channel', bits: 8, input, ...(output && { output }) }
}

function range(value: unknown): ValueRange | undefined {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) return undefined
  const [min, max] = value as [number, number]
  return min <= 0 && max >= 0 && min < max ? [min, max] : undefined
}

/**
 * @param scalesKey where the scales lie
 * @throws FileFormatError naming the tensor whose description does not fit what is stored
 */
export function channelInfo(source: WeightSource, key: string, entry: ChannelEntry, scalesKey: string): TensorInfo {
  const broken = (message: string) => new FileFormatError({ file: source.name, message: `${shown(key)} ${message}` })
  if (!source.has(key)) throw broken('is said to be quantized, and is not there')
  const { dtype, shape, nbytes } = source.info(key)
  if (dtype !== 'int8' || shape.length < 2) throw broken(`is ${dtype} [${shape}], not int8 [out, ...]`)
  const scales = source.has(scalesKey) ? source.info(scalesKey) : undefined
  if (scales?.dtype !== 'float32' || String(scales.shape) !== String([shape[0]]))
    throw broken(`has no scales ${shown(scalesKey)} float32 [${shape[0]}]`)
  if (shape.length > 2 && !entry.output)
    throw broken('is of a convolution and has no range of its output ("output": [min, max])')
  const { bits, input, output } = entry
  const quantization: ChannelQuantization = {
    kind: 'channel',
    bits,
    scales: source.locate(scalesKey)!,
    input,
    ...(output && { output }),
  }
  return { key, dtype, shape, strides: contiguousStrides(shape), nbytes, quantization }
}

/** The values that int8 rows stand for. bytes: [out, ...], scales: [out]. */
export function dequantizeChannels(
  bytes: Int8Array,
  scales: Float32Array,
  shape: readonly number[],
): Tensor<'float32'> {
  const size = numel(shape) / scales.length
  const out = new Float32Array(bytes.length)
  for (let row = 0, at = 0; row < scales.length; row++)
    for (let i = 0; i < size; i++, at++) out[at] = bytes[at]! * scales[row]!
  return tensor('float32', out, shape)
}
