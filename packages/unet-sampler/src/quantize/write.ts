import {
  InvalidArgumentError,
  memoryBytes,
  type TaskOptions,
  type TensorLocation,
  type WeightSource,
} from '@viscpm/core'
import { activationQuantization } from '@viscpm/core/graph'
import {
  type ByteSink,
  memorySink,
  openSafetensors,
  quantizationEntry,
  quantizationFormat,
  SafetensorsWriter,
  scalesKey,
  type TensorSpec,
} from '@viscpm/core/weights'
import { type ChannelBias, channelScales, quantizeChannels } from './channels.js'
import type { LayerRange, LayerRanges } from './recorder.js'

export interface QuantizedWeightsOptions extends TaskOptions {
  /** All that the file shall hold: the layers in `ranges` as int8, everything else as it is, quantized in blocks or not. */
  readonly weights: WeightSource
  readonly ranges: LayerRanges
}

/** One tensor of the file: its description, and where its bytes come from. */
interface Stored extends TensorSpec {
  chunks(): AsyncGenerator<ArrayBufferView>
}

const chunk = 16 * 1024 * 1024

/**
 * Writes weights as safetensors, the layers that were calibrated as int8 with a scale per output channel; the ranges of their
 * activations go into the header. Weights are read one at a time. Nothing is left when it fails. Progress: `write`, in bytes.
 * @throws MissingKeyError for a range without a weight, InvalidArgumentError for one that is quantized already,
 * NonFiniteError, WriteFailedError; the signal's reason when aborted
 */
export async function writeQuantized(
  sink: ByteSink,
  { weights, ranges, signal, onProgress }: QuantizedWeightsOptions,
): Promise<void> {
  let writer: SafetensorsWriter | undefined
  try {
    const { stored, entries } = plan(weights, ranges)
    const quantization = JSON.stringify({ format: quantizationFormat, tensors: entries })
    writer = new SafetensorsWriter(sink, stored, { metadata: { [quantizationEntry]: quantization } })
    const byKey = new Map(stored.map(tensor => [tensor.key, tensor]))
    let done = 0
    for (const key of writer.keys)
      for await (const bytes of byKey.get(key)!.chunks()) {
        signal?.throwIfAborted()
        await writer.write(key, bytes)
        done += bytes.byteLength
        onProgress?.({ phase: 'write', done, total: writer.size, unit: 'bytes' })
      }
    await writer.finish()
  } catch (error) {
    await (writer ?? sink).abort()
    throw error
  }
}

/** The same in memory. */
export async function quantizedWeights(options: QuantizedWeightsOptions): Promise<WeightSource> {
  const sink = memorySink(`${options.weights.name} (int8)`)
  await writeQuantized(sink, options)
  return openSafetensors(memoryBytes(sink.bytes()!, sink.name))
}

function plan(
  weights: WeightSource,
  ranges: LayerRanges,
): { stored: Stored[]; entries: Readonly<Record<string, unknown>> } {
  const stored: Stored[] = []
  const entries: Record<string, unknown> = {}
  for (const key of ranges.keys()) weights.info(key) // throws for one that is not there
  for (const key of weights.keys()) {
    const info = weights.info(key)
    const { quantization, shape } = info
    const range = ranges.get(key)
    if (range && quantization)
      throw new InvalidArgumentError({
        argument: key,
        message: 'is quantized already',
        hint: 'Calibrate with the float32 weights.',
      })
    const copy = (name: string, place: TensorLocation, spec: Omit<TensorSpec, 'key'>) =>
      stored.push({ key: name, ...spec, chunks: () => copied(place) })
    if (range) {
      stored.push(...channelTensors(weights, key, range))
      entries[key] = { scheme: 'channel', bits: 8, input: rounded(range.input), ...outputOf(range, shape) }
    } else if (quantization?.kind === 'channel') {
      const { scales, input, output } = quantization
      copy(key, weights.locate(key)!, info)
      copy(scalesKey(key), scales, { dtype: 'float32', shape: shape.slice(0, 1) })
      entries[key] = { scheme: 'channel', bits: 8, input, ...(output && { output }) }
    } else if (quantization) {
      const { bits, blockSize, scales } = quantization
      const blocks = [shape[0]!, shape[1]! / blockSize]
      copy(key, weights.locate(key)!, { dtype: 'uint8', shape: [...blocks, (blockSize * bits) / 8] })
      copy(scalesKey(key), scales, { dtype: 'float32', shape: blocks })
      entries[key] = { bits, block_size: blockSize }
    } else stored.push({ key, dtype: info.dtype, shape, chunks: () => whole(weights, key) })
  }
  return { stored, entries }
}

/** Nine digits give every float32 back. */
const rounded = (range: readonly number[]): number[] => range.map(value => Number(value.toPrecision(9)))

const outputOf = ({ output }: LayerRange, shape: readonly number[]): object =>
  shape.length > 2 ? { output: rounded(output) } : {}

function channelTensors(weights: WeightSource, key: string, range: LayerRange): Stored[] {
  const { shape } = weights.info(key)
  // Scales come first in the file: reading the weights twice costs less than keeping all of them.
  async function* scales() {
    yield channelScales(key, await weights.read(key), await biasOf(weights, key, range)).data
  }
  async function* weight() {
    yield quantizeChannels(key, await weights.read(key), await biasOf(weights, key, range)).weight.data
  }
  return [
    { key, dtype: 'int8', shape, chunks: weight },
    { key: scalesKey(key), dtype: 'float32', shape: shape.slice(0, 1), chunks: scales },
  ]
}

async function biasOf(weights: WeightSource, key: string, { input }: LayerRange): Promise<ChannelBias | undefined> {
  const biasKey = key.replace(/weight$/, 'bias')
  if (biasKey === key || !weights.has(biasKey)) return undefined
  return { values: await weights.read(biasKey), inputScale: activationQuantization(input).scale }
}

async function* whole(weights: WeightSource, key: string): AsyncGenerator<ArrayBufferView> {
  const place = weights.locate(key)
  if (place) yield* copied(place)
  else yield (await weights.read(key)).data
}

async function* copied({ source, offset, length }: TensorLocation): AsyncGenerator<ArrayBufferView> {
  for (let at = 0; at < length; at += chunk) yield await source.read(offset + at, Math.min(chunk, length - at))
}
