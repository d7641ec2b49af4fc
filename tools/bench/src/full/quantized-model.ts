import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { numel } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import {
  quantizationEntry,
  quantizationFormat,
  SafetensorsWriter,
  scalesKey,
  type TensorSpec,
} from '@viscpm/core/weights'
import { CpmBeeNetwork, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { seeded } from '../prompt.js'
import type { ModelConfig } from '../random-model.js'
import type { BlockFormat, ModelFormat } from './sizes.js'

const poolBytes = 8 << 20

/** Bytes without a pattern, the same each time, drawn once and given out from ever other beginnings. */
class RandomBytes {
  private readonly pool = new Uint8Array(poolBytes)
  private at = 0

  constructor(seed: number) {
    const next = seeded(seed)
    new Uint32Array(this.pool.buffer).forEach((_, i, words) => {
      words[i] = next()
    })
  }

  /** At most `most` bytes, valid until the next call. */
  take(most: number): Uint8Array {
    const bytes = this.pool.subarray(this.at, Math.min(poolBytes, this.at + most))
    this.at = (this.at + bytes.length + 12289) % poolBytes
    return bytes
  }
}

/** The scale that gives uniformly drawn integers a standard deviation of 1, what CPM-Bee's own scaling expects. */
export function unitScale(bits: 4 | 8): number {
  return 1 / Math.sqrt((4 ** bits - 1) / 12)
}

interface Stored {
  readonly spec: TensorSpec
  /** 'bytes': any bytes are integers; otherwise this number everywhere. */
  readonly fill: 'bytes' | number
}

function storedTensors(
  config: ModelConfig,
  format: ModelFormat,
): { tensors: Stored[]; entries: Map<string, BlockFormat> } {
  const entries = new Map<string, BlockFormat>()
  const tensors: Stored[] = []
  for (const [key, { shape }] of new CpmBeeNetwork(parseCpmBeeConfig(config.cpm_bee)).namedParameters()) {
    const [out, columns] = shape
    if (columns === undefined || key.startsWith('position_bias.')) {
      tensors.push({ spec: { key, dtype: 'float32', shape }, fill: columns === undefined ? 1 : 0.01 })
      continue
    }
    const { bits, blockSize } = key.startsWith('input_embedding.') ? format.head : format.layers
    entries.set(key, { bits, blockSize })
    const blocks = columns / blockSize
    tensors.push(
      { spec: { key, dtype: 'uint8', shape: [out!, blocks, (blockSize * bits) / 8] }, fill: 'bytes' },
      { spec: { key: scalesKey(key), dtype: 'float32', shape: [out!, blocks] }, fill: unitScale(bits) },
    )
  }
  return { tensors, entries }
}

const chunk = 1 << 20

/**
 * Writes `config.json` and `model.safetensors` of a quantized CPM-Bee with random integers and constant scales, in the layout
 * that `viscpm quantize` gives: as large and as fast as a real one, made at the speed of the disk.
 * @returns bytes of the weights' file
 */
export async function writeQuantizedModel(
  folder: string,
  config: ModelConfig,
  format: ModelFormat,
  seed: number,
): Promise<number> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const { tensors, entries } = storedTensors(config, format)
  const described = [...entries].map(([key, { bits, blockSize }]) => [key, { bits, block_size: blockSize }])
  const quantization = JSON.stringify({ format: quantizationFormat, tensors: Object.fromEntries(described) })
  const writer = new SafetensorsWriter(
    await openAtomicSink(join(folder, 'model.safetensors')),
    tensors.map(({ spec }) => spec),
    { metadata: { [quantizationEntry]: quantization } },
  )
  const random = new RandomBytes(seed)
  const byKey = new Map(tensors.map(tensor => [tensor.spec.key, tensor]))
  for (const key of writer.keys) {
    const { spec, fill } = byKey.get(key)!
    const count = numel(spec.shape)
    for (let done = 0; done < count; ) {
      const part = fill === 'bytes' ? random.take(count - done) : filled(fill, Math.min(chunk, count - done))
      await writer.write(key, part)
      done += part.length
    }
  }
  await writer.finish()
  return writer.size
}

function filled(value: number, length: number): Float32Array {
  return new Float32Array(length).fill(value)
}
