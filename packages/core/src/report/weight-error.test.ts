import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { float16ToFloat32, float32ToFloat16 } from '../float16.js'
import { float32 } from '../tensor.js'
import { dequantize, memorySink, memoryWeights, openSafetensors, SafetensorsWriter } from '../weights/index.js'
import { ErrorSums } from './error-sums.js'
import { weightErrors } from './weight-error.js'
import { weightGroups } from './weight-groups.js'

const values = Float32Array.from({ length: 64 * 96 }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 13)))
const blocks = Uint8Array.from({ length: (64 * 96) / 2 }, (_, i) => (i * 37) & 255)
const scales = Float32Array.from({ length: 64 * 3 }, (_, i) => 0.5 + (i % 5) / 4)
const channels = Int8Array.from({ length: 6 * 4 * 9 }, (_, i) => ((i * 53) % 255) - 127)
const channelScales = Float32Array.from({ length: 6 }, (_, i) => 0.01 * (i + 1))
const kernel = Float32Array.from(channels, (v, i) => v * channelScales[Math.floor(i / 36)]! + 0.002 * Math.cos(i))

async function converted() {
  const sink = memorySink()
  const specs = [
    { key: 'w', dtype: 'uint8' as const, shape: [64, 3, 16] },
    { key: 'w.scales', dtype: 'float32' as const, shape: [64, 3] },
    { key: 'c', dtype: 'int8' as const, shape: [6, 4, 3, 3] },
    { key: 'c.scales', dtype: 'float32' as const, shape: [6] },
    { key: 'h', dtype: 'float16' as const, shape: [96] },
    { key: 'same', dtype: 'float32' as const, shape: [2] },
    { key: 'new', dtype: 'float32' as const, shape: [1] },
  ]
  const c = { scheme: 'channel', bits: 8, input: [-1, 1], output: [-1, 1] }
  const tensors = { format: 'viscpm-blocks-1', tensors: { w: { bits: 4, block_size: 32 }, c } }
  const writer = new SafetensorsWriter(sink, specs, { metadata: { quantization: JSON.stringify(tensors) } })
  const data: Record<string, ArrayBufferView> = {
    ...{ w: blocks, 'w.scales': scales, c: channels, 'c.scales': channelScales },
    ...{ h: float32ToFloat16(values.subarray(0, 96)), same: Float32Array.of(1, 2), new: Float32Array.of(0) },
  }
  for (const key of writer.keys) await writer.write(key, data[key]!)
  await writer.finish()
  return openSafetensors(memoryBytes(sink.bytes()!, 'converted'))
}

const source = memoryWeights({
  w: float32(values, [64, 96]),
  c: float32(kernel, [6, 4, 3, 3]),
  h: float32(values.slice(0, 96), [96]),
  same: float32([1, 2]),
  training: float32([0]),
})

/** In one go and with everything at hand. */
function expected(was: Float32Array, is: Float32Array) {
  const errors = Array.from(was, (v, i) => is[i]! - v)
  const squares = (list: ArrayLike<number>) => Array.from(list, v => v * v).reduce((a, b) => a + b, 0)
  const largest = (list: ArrayLike<number>) => Math.max(...Array.from(list, Math.abs))
  return {
    relative: Math.sqrt(squares(errors) / squares(was)),
    largest: largest(errors) / largest(was),
    cosine: Array.from(was, (v, i) => v * is[i]!).reduce((a, b) => a + b, 0) / Math.sqrt(squares(was) * squares(is)),
  }
}

describe('errors of weights', () => {
  it('are those of a plain computation, tensor by tensor', async () => {
    const told: number[] = []
    const result = await weightErrors(source, await converted(), { onProgress: p => told.push(p.done / p.total!) })
    expect(result.kept).toBe(1)
    expect(result.dropped).toEqual(['training'])
    expect(told.at(-1)).toBe(1)
    const of = (key: string) => {
      const { sums, ...rest } = result.tensors.find(one => one.key === key)!
      return { ...rest, ...sums.measure() }
    }
    expect(result.tensors.map(({ key }) => key).sort()).toEqual(['c', 'h', 'w'])
    const half = float16ToFloat32(float32ToFloat16(values.subarray(0, 96)))
    const dequantized = Float32Array.from(channels, (v, i) => v * channelScales[Math.floor(i / 36)]!)
    for (const [key, was, is, format, bits] of [
      ['w', values, dequantize(blocks, scales, 4, 32), 'int4/32', 5], // 4, and 32 for every 32
      ['c', kernel, dequantized, 'int8', 8 + 32 / 36],
      ['h', values.subarray(0, 96), half, 'float16', 16],
    ] as const) {
      const truth = expected(was, is)
      expect(of(key)).toMatchObject({ format, elements: was.length })
      expect(of(key).bits).toBeCloseTo(bits, 10)
      for (const name of ['relative', 'largest', 'cosine'] as const)
        expect(of(key)[name], `${key} ${name}`).toBeCloseTo(truth[name], 9)
    }
  })

  it('are told with the key, where the models differ or hold no numbers', async () => {
    const other = await converted()
    await expect(weightErrors(memoryWeights({ w: float32(values, [96, 64]) }), other)).rejects.toThrow(/w has shape/)
    const broken = float32(
      values.map((v, i) => (i === 5 ? Number.NaN : v)),
      [64, 96],
    )
    await expect(weightErrors(memoryWeights({ w: broken }), other)).rejects.toMatchObject({ code: 'NON_FINITE' })
  })

  it('stop when they are told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(weightErrors(source, await converted(), { signal })).rejects.toThrow('enough')
  })
})

describe('groups of weights', () => {
  it('are measured as one vector', async () => {
    const { tensors } = await weightErrors(source, await converted())
    const [group, ...others] = weightGroups(tensors, key => (key === 'h' ? undefined : 'both'))
    expect(others).toEqual([])
    const is = [...dequantize(blocks, scales, 4, 32), ...channels.map(() => 0)]
    for (const [i, v] of channels.entries()) is[values.length + i] = v * channelScales[Math.floor(i / 36)]!
    const truth = expected(Float32Array.of(...values, ...kernel), Float32Array.from(is))
    expect(group).toMatchObject({ name: 'both', tensors: 2, elements: 6144 + 216 })
    expect([...group!.formats].sort()).toEqual(['int4/32', 'int8'])
    expect(group!.bits).toBeCloseTo((6144 * 5 + 216 * (8 + 32 / 36)) / 6360, 9)
    for (const name of ['relative', 'largest', 'cosine'] as const) expect(group![name]).toBeCloseTo(truth[name], 9)
  })
})

it('errors of what is nothing are told as they are', () => {
  const measured = (a: number[], b: number[]) =>
    new ErrorSums().add(Float32Array.from(a), Float32Array.from(b)).measure()
  expect(measured([0, 0], [0, 0])).toEqual({ elements: 2, relative: 0, largest: 0, cosine: 1 })
  expect(measured([0, 0], [0, 2])).toEqual({ elements: 2, relative: 2, largest: 2, cosine: 0 })
  expect(measured([], [])).toEqual({ elements: 0, relative: 0, largest: 0, cosine: 1 })
})
