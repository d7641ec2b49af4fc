import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import type { DType } from '../dtype.js'
import { float16ToFloat32, float32ToFloat16 } from '../float16.js'
import { float32, type Tensor, tensor, zeros } from '../tensor.js'
import { memoryWeights } from '../weights/index.js'
import { asBuilt } from './form.js'
import type { Graph, GraphForm } from './graph.js'
import { halfProducts } from './half-products.js'
import { bindWeights, GraphBuilder, Linear, Parameter, type Value } from './index.js'
import { type Node, onnxDataType } from './onnx.js'
import { quantizeDequantize } from './qdq.js'

const built = asBuilt
const plain: GraphForm = { ...built, fusedMatMul: false }
const half: GraphForm = { ...built, computeDtype: 'float16' }
const plainHalf: GraphForm = { ...half, fusedMatMul: false }

async function run(graph: Graph, form: GraphForm, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const places = new Map<unknown, Uint8Array>()
  for (const initializer of graph.initializers) {
    const { source, offset, length } = initializer.location
    places.set(initializer, await source.read(offset, length))
  }
  const bytes = graph.toOnnx(initializer => ({ bytes: places.get(initializer)! }), form)
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 })
  const inputs = Object.entries(feeds).map(
    ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype as 'float32', data as never, shape)] as const,
  )
  const { y } = await session.run(Object.fromEntries(inputs))
  await session.release()
  return y!.data as Float32Array
}

const wave = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(step * i + 0.3))
const cutToBfloat16 = (values: Float32Array) =>
  new Float32Array(new Uint32Array(values.slice().buffer).map(bits => bits & 0xffff0000).buffer)
const rounded = (values: Float32Array) => float16ToFloat32(float32ToFloat16(values))

/** alpha * x [n, k] @ w^T [m, k] in float64. */
function product(x: Float32Array, w: Float32Array, k: number, alpha = 1): number[] {
  const out: number[] = []
  for (let i = 0; i < x.length / k; i++)
    for (let j = 0; j < w.length / k; j++) {
      let sum = 0
      for (let c = 0; c < k; c++) sum += x[i * k + c]! * w[j * k + c]!
      out.push(alpha * sum)
    }
  return out
}

function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length)
  let found = 0
  for (let i = 0; i < expected.length; i++) found = Math.max(found, Math.abs(actual[i]! - expected[i]!))
  return found
}

/** A weight as some file holds it. */
function stored(values: Float32Array, shape: number[], dtype: 'float32' | 'float16' | 'bfloat16'): Parameter {
  const parameter = new Parameter(...shape)
  const upper = () => new Uint16Array(new Uint32Array(values.slice().buffer).map(bits => bits >>> 16))
  const data =
    dtype === 'float32'
      ? tensor(dtype, values, shape)
      : tensor(dtype, dtype === 'float16' ? float32ToFloat16(values) : upper(), shape)
  parameter.bind(memoryWeights({ w: data }), 'w')
  return parameter
}

describe('products in half precision', () => {
  const [x, w] = [wave(3 * 64, 0.37), wave(16 * 64, 0.11)]

  it.each(['float32', 'float16', 'bfloat16'] as const)(
    'take %s weights and give what half operands give',
    async dtype => {
      const g = new GraphBuilder('test')
      const [y] = g.linear(g.input('x', 'float32', ['n', 64]), [stored(w, [16, 64], dtype)], { alpha: 0.125 })
      g.output('y', y!, 'float32', ['n', 16])
      const graph = await g.finish()
      const feeds = { x: float32(x, [3, 64]) }
      const held = dtype === 'float32' ? w : dtype === 'float16' ? rounded(w) : cutToBfloat16(w)
      const exact = product(x, held, 64, 0.125)
      expect(worst(await run(graph, built, feeds), exact)).toBeLessThan(1e-5)
      // Operands and result have 11 bits, sums more. (x64's CPU provider has no half kernels: it takes the casts out again.)
      const inHalf = rounded(Float32Array.from(product(rounded(x), rounded(held), 64, 0.125)))
      for (const form of [half, plainHalf]) expect(worst(await run(graph, form, feeds), inHalf)).toBeLessThan(2e-3)
    },
  )

  it('are between casts, each value cast once, weights and scales in front', () => {
    const node = (opType: string, inputs: string[], output: string): Node => ({
      opType,
      domain: '',
      name: output,
      inputs,
      outputs: [output],
      attributes: {},
    })
    const location = { source: memoryBytes(new Uint8Array(0), 'none'), offset: 0, length: 0 }
    const initializer = (name: string, dtype: DType) => ({ name, dtype, shape: [2, 2], location })
    const widen = { ...node('Cast', ['h'], 'h.float32'), attributes: { to: onnxDataType('float32') } }
    const { nodes } = halfProducts({
      name: 'test',
      inputs: [{ name: 'x', dtype: 'float32', shape: [2, 2] }],
      outputs: [],
      constants: new Map(),
      initializers: [
        initializer('h', 'float16'),
        initializer('f', 'float32'),
        initializer('q', 'uint8'),
        initializer('s', 'float32'),
      ],
      nodes: [
        widen,
        node('MatMul', ['x', 'h.float32'], 'a'),
        node('FusedMatMul', ['x', 'f'], 'b'),
        node('MatMulNBits', ['x', 'q', 's'], 'c'),
        node('MatMul', ['a', 'b'], 'scores'),
        node('Softmax', ['scores'], 'y'),
      ],
    })
    expect(nodes.map(({ opType, inputs, outputs }) => `${outputs} = ${opType}(${inputs})`)).toEqual([
      'f.float16 = Cast(f)',
      's.float16 = Cast(s)',
      'x.float16 = Cast(x)',
      'a.half = MatMul(x.float16,h)',
      'a = Cast(a.half)',
      'b.half = FusedMatMul(x.float16,f.float16)',
      'b = Cast(b.half)',
      'c.half = MatMulNBits(x.float16,q,s.float16)',
      'c = Cast(c.half)',
      'scores = MatMul(a,b)',
      'y = Softmax(scores)',
    ])
  })

  it('leave products of two results, and what is no product, in float32', async () => {
    const g = new GraphBuilder('test')
    const a = g.input('a', 'float32', [2, 8])
    const scores = g.fusedMatmul(a, g.mul(a, g.scalar(1000)), { transB: true })
    g.output('y', g.softmax(g.sub(scores, scores)), 'float32', [2, 2])
    const scored = new GraphBuilder('scores')
    const b = scored.input('a', 'float32', [2, 8])
    scored.output('y', scored.fusedMatmul(b, scored.mul(b, scored.scalar(1000)), { transB: true }), 'float32', [2, 2])
    const large = float32(new Float32Array(16).fill(10), [2, 8]) // 800,000: far above what half precision holds
    expect([...(await run(await scored.finish(), half, { a: large }))]).toEqual([8e5, 8e5, 8e5, 8e5])
    expect([...(await run(await g.finish(), half, { a: large }))]).toEqual([0.5, 0.5, 0.5, 0.5])
  })

  it('leave no widened copy of a weight that nobody takes', async () => {
    const g = new GraphBuilder('test')
    const [y] = g.linear(g.input('x', 'float32', ['n', 64]), [stored(w, [16, 64], 'float16')])
    g.output('y', y!, 'float32', ['n', 16])
    const graph = await g.finish()
    const text = (form: GraphForm) =>
      new TextDecoder('latin1').decode(graph.toOnnx(() => ({ bytes: new Uint8Array(0) }), form))
    expect(text(built)).toContain('w.float32')
    expect(text(half)).not.toContain('w.float32')
    expect(text(plain)).toContain('w.float32')
    expect(text(plainHalf)).not.toContain('w.float32')
    expect(text(plainHalf)).toContain('Transpose') // of the half weight itself
  })

  it('take convolutions and biases along', async () => {
    const g = new GraphBuilder('test')
    const kernel = wave(2 * 3 * 9, 0.7)
    const y = g.conv2d(
      g.input('x', 'float32', [1, 3, 5, 5]),
      g.parameter(stored(kernel, [2, 3, 3, 3], 'float16')),
      g.constant(float32([5, -5])),
      { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
    )
    g.output('y', y, 'float32', [1, 2, 5, 5])
    const graph = await g.finish()
    const feeds = { x: float32(wave(75, 0.21), [1, 3, 5, 5]) }
    const [narrow, wide] = [await run(graph, half, feeds), await run(graph, built, feeds)]
    expect(worst(narrow, wide)).toBeLessThan(1e-2)
  })
})

describe('products without FusedMatMul', () => {
  it('give the same with weights, and have no operator of onnxruntime left', async () => {
    const linear = new Linear(8, 4)
    const weights = { weight: float32(wave(32, 0.4), [4, 8]), bias: float32([1, 2, 3, 4]) }
    bindWeights(linear, memoryWeights(weights))
    const g = new GraphBuilder('test')
    g.output('y', linear.build(g, g.input('x', 'float32', ['b', 'n', 8])), 'float32', ['b', 'n', 4])
    const graph = await g.finish()
    expect(graph.operators()).toContain('com.microsoft.FusedMatMul')
    expect([...graph.operators(plain)].filter(name => name.includes('.'))).toEqual([])
    const feeds = { x: float32(wave(48, 0.3), [2, 3, 8]) }
    expect(worst(await run(graph, plain, feeds), await run(graph, built, feeds))).toBeLessThan(1e-6)
  })

  it.each([0, 1, 5])('give the same between results, with a cache of %i rows', async rows => {
    const g = new GraphBuilder('attention')
    const q = g.input('q', 'float32', [1, 2, 'seq', 4])
    const key = g.input('key', 'float32', [1, 2, 'past', 4])
    const value = g.input('value', 'float32', [1, 2, 'past', 4])
    const turned = g.transpose(g.transpose(q, [0, 2, 1, 3]), [0, 2, 1, 3])
    const scores = g.softmax(g.fusedMatmul(turned, key, { transB: true, alpha: 0.5 }))
    g.output('y', g.matmul(scores, value), 'float32', [1, 2, 'seq', 4])
    const graph = await g.finish()
    const past = (step: number) =>
      rows ? float32(wave(8 * rows, step), [1, 2, rows, 4]) : zeros('float32', [1, 2, 0, 4])
    const feeds = { q: float32(wave(24, 0.9), [1, 2, 3, 4]), key: past(0.5), value: past(0.8) }
    const found = await run(graph, plain, feeds)
    expect(worst(found, await run(graph, built, feeds))).toBeLessThan(1e-6)
    if (rows === 0) expect([...found]).toEqual(new Array(24).fill(0))
  })

  it('leave a product of unknown rank as it is', async () => {
    const g = new GraphBuilder('test')
    const a = g.input('a', 'float32', [2, 3])
    const unknown = g.op('Expand', [a, g.shape(a)])
    g.output('y', g.fusedMatmul(a, unknown, { transB: true }), 'float32', [2, 2])
    expect((await g.finish()).operators(plain)).toContain('com.microsoft.FusedMatMul')
  })
})

describe('attention written out', () => {
  const [rows, keys, dim] = [3, 7, 8]
  const written: GraphForm = { ...built, fusedAttention: false }

  async function graphOf(mask: boolean, scale = true): Promise<Graph> {
    const g = new GraphBuilder('attention')
    const q = g.input('q', 'float32', ['b', 'rows', dim])
    const [k, v] = ['k', 'v'].map(name => g.input(name, 'float32', ['b', 'keys', dim])) as [Value, Value]
    const seen = mask ? [undefined, g.input('mask', 'int32', ['b', 'keys'])] : []
    const attributes = { num_heads: 2, ...(scale && { scale: { float: 0.7 } }) }
    const y = g.op('MultiHeadAttention', [q, k, v, ...seen], { domain: 'com.microsoft', attributes })
    g.output('y', y, 'float32', ['b', 'rows', dim])
    return g.finish()
  }
  const feeds = {
    q: float32(wave(2 * rows * dim, 0.9), [2, rows, dim]),
    k: float32(wave(2 * keys * dim, 0.5), [2, keys, dim]),
    v: float32(wave(2 * keys * dim, 0.8), [2, keys, dim]),
  }
  const mask = tensor(
    'int32',
    Int32Array.from({ length: 2 * keys }, (_, i) => (i % 3 === 0 ? 0 : 1)),
    [2, keys],
  )

  it.each([false, true])('gives the same, with a mask: %s', async masked => {
    const graph = await graphOf(masked)
    expect([...graph.operators(written)].filter(name => name.includes('.'))).toEqual([])
    const given = masked ? { ...feeds, mask } : feeds
    const found = await run(graph, written, given)
    expect(worst(found, await run(graph, built, given))).toBeLessThan(1e-6)
    if (masked) expect(worst(found, await run(await graphOf(false), written, feeds))).toBeGreaterThan(0.1)
  })

  it('keeps scores that half precision does not hold', async () => {
    const large = {
      ...feeds,
      q: float32(
        wave(2 * rows * dim, 0.9).map(v => v * 1e6),
        [2, rows, dim],
      ),
    }
    const found = await run(await graphOf(false), { ...written, computeDtype: 'float16' }, large)
    expect(found.every(Number.isFinite)).toBe(true)
    expect(worst(found, await run(await graphOf(false), built, large))).toBeLessThan(1e-6)
  })

  it('is left as it is where the scale is not said', async () => {
    expect((await graphOf(false, false)).operators(written)).toContain('com.microsoft.MultiHeadAttention')
  })
})

it('leaves the inputs of int8 layers unrounded where a device has no QuantizeLinear', async () => {
  const g = new GraphBuilder('rounded')
  const x = g.input('x', 'float32', ['n', 4])
  const first = quantizeDequantize(g, x, [-1, 1])
  const twice = quantizeDequantize(g, first, [-2, 2])
  g.output('y', g.add(twice, first), 'float32', ['n', 4])
  const graph = await g.finish()
  const unrounded = { ...built, roundedActivations: false }
  expect([...graph.operators(unrounded)].sort()).toEqual(['Add', 'Identity'])
  const values = [0.1234, -0.9, 0.5678, 1]
  const feeds = { x: float32(values, [1, 4]) }
  expect([...(await run(graph, unrounded, feeds))]).toEqual([...Float32Array.from(values, v => 2 * Math.fround(v))])
  expect(
    worst(
      await run(graph, built, feeds),
      values.map(v => 2 * v),
    ),
  ).toBeGreaterThan(1e-3)
})

it('leaves rounding whose integers are multiplied', async () => {
  const g = new GraphBuilder('integers')
  const [one, middle] = [g.scalar(1), g.constant(tensor('uint8', Uint8Array.of(128), []))]
  const integers = g.op('QuantizeLinear', [g.input('x', 'float32', [2, 2]), one, middle])
  const widened = g.op('DequantizeLinear', [integers, one, middle])
  const product = g.op('MatMulIntegerToFloat', [integers, integers, one, one, middle, middle], {
    domain: 'com.microsoft',
  })
  g.output('y', g.add(product, widened), 'float32', [2, 2])
  const graph = await g.finish()
  const found = await run(graph, { ...built, roundedActivations: false }, { x: float32([1.2, 2, 3, 4], [2, 2]) })
  expect([...found]).toEqual([7 + 1, 10 + 2, 15 + 3, 22 + 4])
})

it('gathers rows of half tables from widened ones where a device has no half precision', async () => {
  const table = wave(20, 0.6)
  const g = new GraphBuilder('rows')
  g.output('y', g.gatherRows(stored(table, [5, 4], 'float16'), g.input('i', 'int32', ['n'])), 'float32', ['n', 4])
  const graph = await g.finish()
  const feeds = { i: tensor('int32', Int32Array.of(4, 0), [2]) }
  const found = await run(graph, { ...built, halves: false }, feeds)
  expect([...found]).toEqual([...rounded(table).subarray(16), ...rounded(table).subarray(0, 4)])
})
