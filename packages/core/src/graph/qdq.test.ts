import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { onnxruntimeNode } from '../node/onnxruntime.js'
import { float32, type Tensor, tensor } from '../tensor.js'
import { openSafetensors } from '../weights/safetensors.js'
import { SafetensorsWriter, type TensorSpec } from '../weights/safetensors-writer.js'
import { memorySink } from '../weights/sink.js'
import type { ValueRange, WeightSource } from '../weights/types.js'
import { GraphBuilder } from './builder.js'
import { Conv2d } from './conv.js'
import type { Graph } from './graph.js'
import { Linear } from './linear.js'
import type { Module } from './module.js'
import { activationQuantization } from './qdq.js'

const input: ValueRange = [-1.5, 2]
const output: ValueRange = [-4, 5]
const wave = (shape: readonly number[], step = 0.7) =>
  float32(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(step * i + 0.1 * (i % 5))),
    shape,
  )
const bytesOf = ({ data }: Tensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** A file with an int8 `weight` of a shape, its scales and a bias. */
async function file(shape: readonly number[], ranges: object): Promise<WeightSource> {
  const out = shape[0]!
  const count = shape.reduce((a, b) => a * b)
  const tensors: Record<string, Tensor> = {
    weight: tensor(
      'int8',
      Int8Array.from({ length: count }, (_, i) => ((i * 37) % 255) - 127),
      shape,
    ),
    'weight.scales': float32(Float32Array.from({ length: out }, (_, i) => 0.002 * (i + 1))),
    bias: float32(Float32Array.from({ length: out }, (_, i) => 0.3 - 0.2 * i)),
  }
  const specs: TensorSpec[] = Object.entries(tensors).map(([key, t]) => ({ key, dtype: t.dtype, shape: t.shape }))
  const entry = { weight: { scheme: 'channel', bits: 8, ...ranges } }
  const quantization = JSON.stringify({ format: 'viscpm-blocks-1', tensors: entry })
  const sink = memorySink('int8.safetensors')
  const writer = new SafetensorsWriter(sink, specs, { metadata: { quantization } })
  for (const key of writer.keys) await writer.write(key, bytesOf(tensors[key]!))
  await writer.finish()
  return openSafetensors(memoryBytes(sink.bytes()!, sink.name))
}

function bound<M extends Module>(module: M, source: WeightSource): M {
  for (const [key, parameter] of module.namedParameters()) parameter.bind(source, key)
  return module
}

async function graphOf(module: Conv2d | Linear, x: Tensor): Promise<Graph> {
  const g = new GraphBuilder('layer')
  // Sizes that vary, as the networks have them; with fixed ones a product with a bias becomes QGemm.
  const y = module.build(
    g,
    g.input(
      'x',
      'float32',
      module instanceof Linear ? ['batch', 'rows', x.shape[2]!] : ['batch', x.shape[1]!, 'height', 'width'],
    ),
  )
  g.output('y', y, 'float32', [])
  return g.finish()
}

async function run(graph: Graph, x: Tensor): Promise<Float32Array> {
  const session = await onnxruntimeNode().createSession(graph)
  const { y } = await session.run({ x })
  await session.dispose()
  return y!.data as Float32Array
}

/** Kinds of operators that onnxruntime computes in the end. */
async function operators(graph: Graph): Promise<readonly string[]> {
  const optimizedModelFilePath = join(tmpdir(), `viscpm-qdq-${process.pid}-${Math.random()}.onnx`)
  const inline = new Map<object, Uint8Array>()
  for (const initializer of graph.initializers) {
    const { source, offset, length } = initializer.location
    inline.set(initializer, await source.read(offset, length))
  }
  const bytes = graph.toOnnx(initializer => ({ bytes: inline.get(initializer)! }))
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: 'extended',
    optimizedModelFilePath,
    logSeverityLevel: 3,
  })
  await session.release()
  const model = (await readFile(optimizedModelFilePath)).toString('latin1')
  await rm(optimizedModelFilePath)
  // The field `op_type` of a node: tag, length, name.
  return ['QLinearConv', 'MatMulIntegerToFloat', 'Conv', 'MatMul'].filter(name =>
    model.includes(`"${String.fromCharCode(name.length)}${name}`),
  )
}

const rounded = (v: number, range: ValueRange) => {
  const { scale, zeroPoint } = activationQuantization(range)
  const q = Math.min(255, Math.max(0, Math.round(v / scale) + zeroPoint))
  return (q - zeroPoint) * scale
}

describe('activationQuantization', () => {
  it('covers the range with 256 steps, zero being one of them', () => {
    const { scale, zeroPoint } = activationQuantization([-1, 3])
    expect(scale).toBeCloseTo(4 / 255, 7)
    expect(zeroPoint).toBe(64)
    expect(activationQuantization([0, 5]).zeroPoint).toBe(0)
    expect(activationQuantization([-5, 0]).zeroPoint).toBe(255)
  })
})

describe('an int8 Linear', () => {
  it('is the product of what the rounded numbers stand for', async () => {
    const source = await file([3, 8], { input })
    const x = wave([2, 5, 8], 0.9)
    const graph = await graphOf(bound(new Linear(8, 3), source), x)
    const w = (await source.read('weight')).data as Float32Array
    const bias = (await source.read('bias')).data as Float32Array
    const y = await run(graph, x)
    for (let row = 0; row < 10; row++)
      for (let o = 0; o < 3; o++) {
        let sum = bias[o]!
        for (let i = 0; i < 8; i++) sum += rounded(x.data[row * 8 + i]!, input) * w[o * 8 + i]!
        expect(y[row * 3 + o]).toBeCloseTo(sum, 5)
      }
    expect(await operators(graph)).toEqual(['MatMulIntegerToFloat'])
  })

  it('cuts off what lies outside the range', async () => {
    const source = await file([1, 2], { input })
    const graph = await graphOf(bound(new Linear(2, 1), source), wave([1, 1, 2]))
    const at = (v: number) => run(graph, float32([v, 0], [1, 1, 2]))
    expect(await at(100)).toEqual(await at(2))
    expect(await at(2)).not.toEqual(await at(1))
  })
})

describe('an int8 Conv2d', () => {
  it('is the convolution of what the rounded numbers stand for, rounded', async () => {
    const source = await file([3, 2, 3, 3], { input, output })
    const x = wave([1, 2, 4, 5], 1.1)
    const graph = await graphOf(bound(new Conv2d(2, 3, 3, { padding: 1 }), source), x)
    const w = (await source.read('weight')).data as Float32Array
    const bias = (await source.read('bias')).data as Float32Array
    const y = await run(graph, x)
    const { scale } = activationQuantization(output)
    const at = (c: number, i: number, j: number) =>
      i < 0 || j < 0 || i >= 4 || j >= 5 ? 0 : rounded(x.data[(c * 4 + i) * 5 + j]!, input)
    let worst = 0
    for (let o = 0; o < 3; o++)
      for (let n = 0; n < 20; n++) {
        let sum = bias[o]!
        for (let k = 0; k < 18; k++) {
          const [c, dy, dx] = [Math.floor(k / 9), Math.floor((k % 9) / 3) - 1, (k % 3) - 1]
          sum += at(c, Math.floor(n / 5) + dy, (n % 5) + dx) * w[o * 18 + k]!
        }
        worst = Math.max(worst, Math.abs(y[o * 20 + n]! - rounded(sum, output)))
      }
    // A sum that lies between two steps may go to either: order of additions, and the int32 bias.
    expect(worst).toBeLessThan(1.001 * scale)
    const exact = [...y].every(v => Math.abs(v / scale - Math.round(v / scale)) < 1e-3)
    expect(exact).toBe(true)
    expect(await operators(graph)).toEqual(['QLinearConv'])
  })
})

describe('strict', () => {
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      error => error,
    )

  it.each([
    ['input', [2, 2], {}, /"weight" has no range of its input/],
    ['input', [2, 2], { input: [1, 2] }, /"weight" has no range of its input/],
    ['input', [2, 2], { input: [0, null] }, /"weight" has no range of its input/],
    ['output', [2, 2, 1, 1], { input }, /"weight" is of a convolution and has no range of its output/],
    ['output', [2, 2, 1, 1], { input, output: [0, 0] }, /"weight": the range of its output is not \[min, max\]/],
    ['bits', [2, 2], { input, bits: 4 }, /"weight" has channels of 4 bits/],
  ])('refuses a missing or wrong %s of %j: %j', async (_, shape, ranges, message) => {
    expect(await failure(file(shape, ranges))).toMatchObject({
      code: 'FILE_FORMAT',
      file: 'int8.safetensors',
      message: expect.stringMatching(message),
    })
  })

  it('shows the weight under its own key and reads what it stands for', async () => {
    const source = await file([3, 8], { input })
    expect(source.keys().toSorted()).toEqual(['bias', 'weight'])
    expect(source.info('weight')).toMatchObject({
      dtype: 'int8',
      shape: [3, 8],
      quantization: { kind: 'channel', input },
    })
    const { dtype, data } = await source.read('weight')
    expect(dtype).toBe('float32')
    expect(data[9]).toBeCloseTo((((9 * 37) % 255) - 127) * 0.004, 6)
  })
})
