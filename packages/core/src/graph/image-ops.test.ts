import { describe, expect, it } from 'vitest'
import { onnxruntimeNode } from '../node/onnxruntime.js'
import { float32, numel, type Tensor } from '../tensor.js'
import { memoryWeights } from '../weights/index.js'
import { bindWeights, Conv2d, GraphBuilder, GroupNorm, Linear, type Module, type Value } from './index.js'

/** Values that differ from place to place, about -1..1. */
function wave(shape: readonly number[], step = 0.7): Tensor<'float32'> {
  return float32(
    Float32Array.from({ length: numel(shape) }, (_, i) => Math.sin(step * i + 0.3)),
    shape,
  )
}

async function run(inputs: Record<string, Tensor<'float32'>>, build: (g: GraphBuilder, ...x: Value[]) => Value[]) {
  const g = new GraphBuilder('test')
  const values = Object.entries(inputs).map(([name, t]) => g.input(name, t.dtype, t.shape))
  build(g, ...values).forEach((y, i) => {
    g.output(`y${i}`, y, 'float32', [`d${i}`])
  })
  const session = await onnxruntimeNode().createSession(await g.finish(), { threads: 1 })
  const outputs = await session.run(inputs)
  await session.dispose()
  return Object.values(outputs) as Tensor<'float32'>[]
}

function bound<M extends Module>(module: M): M {
  const tensors = [...module.namedParameters()].map(([key, { shape }], i) => [key, wave(shape, 0.5 + i)] as const)
  bindWeights(module, memoryWeights(new Map(tensors)))
  return module
}

const values = async (m: Module) => Promise.all([...m.namedParameters().values()].map(p => p.source.read(p.key)))

function expectClose(actual: Tensor, expected: ArrayLike<number>, shape: readonly number[]) {
  expect(actual.shape).toEqual(shape)
  expect(expected.length).toBe(actual.data.length)
  for (let i = 0; i < expected.length; i++) expect(actual.data[i], `value ${i}`).toBeCloseTo(expected[i]!, 5)
}

describe('Conv2d', () => {
  /** The definition, with loops. */
  async function definition(conv: Conv2d, x: Tensor, stride: number, [top, left, bottom, right]: readonly number[]) {
    const [weight, bias] = await values(conv)
    const [out, channels, kernel] = weight!.shape as [number, number, number]
    const [batch, , height, width] = x.shape as [number, number, number, number]
    const rows = Math.floor((height + top! + bottom! - kernel) / stride) + 1
    const columns = Math.floor((width + left! + right! - kernel) / stride) + 1
    const at = (b: number, c: number, i: number, j: number) =>
      i < 0 || j < 0 || i >= height || j >= width ? 0 : Number(x.data[((b * channels + c) * height + i) * width + j])
    const y: number[] = []
    for (let b = 0; b < batch; b++)
      for (let o = 0; o < out; o++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            let sum = Number(bias!.data[o])
            for (let c = 0; c < channels; c++)
              for (let k = 0; k < kernel * kernel; k++) {
                const w = Number(weight!.data[(o * channels + c) * kernel * kernel + k])
                sum += w * at(b, c, i * stride - top! + Math.floor(k / kernel), j * stride - left! + (k % kernel))
              }
            y.push(sum)
          }
    return { data: y, shape: [batch, out, rows, columns] }
  }

  it.each([
    ['1 x 1', 1, {}, 1, [0, 0, 0, 0]],
    ['padded', 3, { padding: 1 }, 1, [1, 1, 1, 1]],
    ['with a stride', 3, { stride: 2, padding: 1 }, 2, [1, 1, 1, 1]],
    ['padded on two sides', 3, { stride: 2, padding: [0, 0, 1, 1] }, 2, [0, 0, 1, 1]],
  ] as const)('%s', async (_, kernel, options, stride, pads) => {
    const conv = bound(new Conv2d(2, 3, kernel, options))
    const x = wave([2, 2, 5, 4])
    const [y] = await run({ x }, (g, x) => [conv.build(g, x!)])
    const expected = await definition(conv, x, stride, pads)
    expectClose(y!, expected.data, expected.shape)
  })
})

describe('GroupNorm', () => {
  it('normalises each group of channels, then scales each channel', async () => {
    const norm = bound(new GroupNorm(2, 6, 1e-3))
    const x = wave([2, 6, 3, 5])
    const [y] = await run({ x }, (g, x) => [norm.build(g, x!)])
    const [weight, bias] = await values(norm)
    const size = 3 * 15
    const expected = Array.from(x.data, (v, i) => {
      const first = Math.floor(i / size) * size
      const group = Array.from(x.data.subarray(first, first + size))
      const mean = group.reduce((sum, v) => sum + v, 0) / size
      const variance = group.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size
      const c = Math.floor(i / 15) % 6
      return ((v - mean) / Math.sqrt(variance + 1e-3)) * Number(weight!.data[c]) + Number(bias!.data[c])
    })
    expectClose(y!, expected, [2, 6, 3, 5])
  })

  it('keeps its precision over a million values far from zero', async () => {
    const norm = bound(new GroupNorm(1, 4, 1e-6))
    const shape = [1, 4, 512, 512]
    const x = wave(shape, 1)
    x.data.forEach((v, i) => {
      x.data[i] = 20 + v
    })
    const [y] = await run({ x }, (g, x) => [norm.build(g, x!)])
    const mean = x.data.reduce((sum, v) => sum + v, 0) / x.data.length
    const variance = x.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.data.length
    const [weight, bias] = await values(norm)
    let worst = 0
    y!.data.forEach((v, i) => {
      const c = Math.floor(i / 2 ** 18)
      const want = ((x.data[i]! - mean) / Math.sqrt(variance + 1e-6)) * Number(weight!.data[c]) + Number(bias!.data[c])
      worst = Math.max(worst, Math.abs(v - want))
    })
    expect(worst).toBeLessThan(2e-5)
  })
})

describe('Linear', () => {
  it('may have no bias', async () => {
    const linear = bound(new Linear(3, 2, { bias: false }))
    expect([...linear.namedParameters().keys()]).toEqual(['weight'])
    const [weight] = await values(linear)
    const x = wave([2, 3])
    const [y] = await run({ x }, (g, x) => [linear.build(g, x!)])
    const expected = [0, 1, 2, 3].map(i =>
      [0, 1, 2].reduce((sum, k) => sum + x.data[(i >> 1) * 3 + k]! * Number(weight!.data[(i % 2) * 3 + k]), 0),
    )
    expectClose(y!, expected, [2, 2])
  })
})

describe('resizeNearest', () => {
  it.each([
    [2, 3, 4, 6],
    [2, 3, 3, 5],
    [5, 1, 9, 1],
    [3, 4, 7, 5],
  ])('%i x %i to %i x %i takes pixel floor(i * in / out)', async (height, width, rows, columns) => {
    const x = wave([2, 3, height, width])
    const [y] = await run({ x }, (g, x) => [g.resizeNearest(x!, g.ints(rows, columns))])
    const expected = Array.from({ length: 6 * rows * columns }, (_, n) => {
      const [i, j] = [Math.floor(n / columns) % rows, n % columns]
      const [from, column] = [Math.floor((i * height) / rows), Math.floor((j * width) / columns)]
      return x.data[(Math.floor(n / (rows * columns)) * height + from) * width + column]!
    })
    expectClose(y!, expected, [2, 3, rows, columns])
  })
})

describe('attention', () => {
  it('mixes values by softmax(scale q k) per head', async () => {
    const [rows, keys, heads, dim, scale] = [3, 4, 2, 5, 0.4]
    const q = wave([2, rows, heads * dim])
    const k = wave([2, keys, heads * dim], 1.1)
    const v = wave([2, keys, heads * dim], 1.9)
    const [y] = await run({ q, k, v }, (g, q, k, v) => [g.attention(q!, k!, v!, { heads, scale })])
    const width = heads * dim
    const expected = Array.from(q.data, (_, n) => {
      const [b, row, head] = [Math.floor(n / width / rows), Math.floor(n / width), Math.floor((n % width) / dim)]
      const weights = Array.from({ length: keys }, (_, key) => {
        let sum = 0
        for (let d = 0; d < dim; d++)
          sum += q.data[row * width + head * dim + d]! * k.data[(b * keys + key) * width + head * dim + d]!
        return Math.exp(scale * sum)
      })
      const total = weights.reduce((sum, w) => sum + w, 0)
      return weights.reduce((sum, w, key) => sum + (w / total) * v.data[(b * keys + key) * width + (n % width)]!, 0)
    })
    expectClose(y!, expected, [2, rows, width])
  })
})

describe('small operators', () => {
  it('silu, clip and chunk', async () => {
    const x = wave([2, 4])
    const outputs = await run({ x }, (g, x) => [g.silu(x!), g.clip(x!, -0.25, 0.5), ...g.chunk(x!, 2, 1)])
    expectClose(
      outputs[0]!,
      Array.from(x.data, v => v / (1 + Math.exp(-v))),
      [2, 4],
    )
    expectClose(
      outputs[1]!,
      Array.from(x.data, v => Math.min(0.5, Math.max(-0.25, v))),
      [2, 4],
    )
    const at = (...indices: number[]) => indices.map(i => x.data[i]!)
    expectClose(outputs[2]!, at(0, 1, 4, 5), [2, 2])
    expectClose(outputs[3]!, at(2, 3, 6, 7), [2, 2])
  })
})
