import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { onnxruntimeNode } from '../node/onnxruntime.js'
import { float32, int32, type Tensor, tensor } from '../tensor.js'
import {
  dequantize,
  memorySink,
  openSafetensors,
  SafetensorsWriter,
  scalesKey,
  type WeightSource,
} from '../weights/index.js'
import { GraphBuilder, Parameter } from './index.js'

interface Matrix {
  readonly key: string
  readonly rows: number
  readonly columns: number
  readonly bits: 4 | 8
  readonly blockSize: number
}

/** Seeded bytes and scales: any bytes are values. */
function drawn({ rows, columns, bits, blockSize }: Matrix, seed: number) {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const bytes = Uint8Array.from({ length: (rows * columns * bits) / 8 }, () => Math.floor(next() * 256))
  const scales = Float32Array.from({ length: (rows * columns) / blockSize }, () => (0.5 + next()) / 2 ** bits)
  return { bytes, scales }
}

/** The matrices in a safetensors file, and what they stand for. */
async function written(matrices: readonly Matrix[]): Promise<{ source: WeightSource; values: Float32Array[] }> {
  const data = matrices.map((matrix, i) => drawn(matrix, i + 1))
  const sink = memorySink()
  const writer = new SafetensorsWriter(
    sink,
    matrices.flatMap(({ key, rows, columns, bits, blockSize }) => [
      { key, dtype: 'uint8' as const, shape: [rows, columns / blockSize, (blockSize * bits) / 8] },
      { key: scalesKey(key), dtype: 'float32' as const, shape: [rows, columns / blockSize] },
    ]),
    {
      metadata: {
        quantization: JSON.stringify({
          format: 'viscpm-blocks-1',
          tensors: Object.fromEntries(matrices.map(m => [m.key, { bits: m.bits, block_size: m.blockSize }])),
        }),
      },
    },
  )
  const parts = new Map<string, Uint8Array | Float32Array>(
    matrices.flatMap(({ key }, i) => [[key, data[i]!.bytes] as const, [scalesKey(key), data[i]!.scales] as const]),
  )
  for (const key of writer.keys) await writer.write(key, parts.get(key)!)
  await writer.finish()
  const values = matrices.map(({ bits, blockSize }, i) => dequantize(data[i]!.bytes, data[i]!.scales, bits, blockSize))
  return { source: await openSafetensors(memoryBytes(sink.bytes()!, 'matrices')), values }
}

function parametersOf(matrices: readonly Matrix[], source: WeightSource): Parameter[] {
  return matrices.map(({ key, rows, columns }) => {
    const parameter = new Parameter(rows, columns)
    parameter.bind(source, key)
    return parameter
  })
}

const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i + 0.2))

/** x [n, k] @ w^T [m, k] in float64. */
function product(x: Float32Array, w: Float32Array, k: number): number[] {
  const out: number[] = []
  for (let i = 0; i < x.length / k; i++)
    for (let j = 0; j < w.length / k; j++) {
      let sum = 0
      for (let c = 0; c < k; c++) sum += x[i * k + c]! * w[j * k + c]!
      out.push(sum)
    }
  return out
}

function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  let error = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2
    size += expected[i]! ** 2
  }
  return Math.sqrt(error / size)
}

async function run(g: GraphBuilder, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await onnxruntimeNode().createSession(await g.finish(), { threads: 1 })
  const outputs = await session.run(feeds)
  await session.dispose()
  return outputs
}

describe('products with quantized weights', () => {
  it.each([
    [4, 128],
    [4, 32],
    [8, 128],
  ] as const)('%i bits in blocks of %i are what they stand for, within int8 activations', async (bits, blockSize) => {
    const matrix = { key: 'w', rows: 48, columns: 256, bits, blockSize }
    const { source, values } = await written([matrix])
    const g = new GraphBuilder('test')
    const [y] = g.linear(g.input('x', 'float32', ['n', 256]), parametersOf([matrix], source), { alpha: 0.125 })
    g.output('y', y!, 'float32', ['n', 48])
    for (const n of [1, 3, 17]) {
      const x = wave(n * 256)
      const { y } = await run(g, { x: float32(x, [n, 256]) })
      const expected = product(x, values[0]!, 256).map(v => v / 8)
      expect(relativeError(y!.data as Float32Array, expected)).toBeLessThan(0.01)
    }
    const { y: none } = await run(g, { x: float32([], [0, 256]) })
    expect(none!.shape).toEqual([0, 48])
  })

  it('runs neighbours as one product, and others alone', async () => {
    const alike = { columns: 128, bits: 4, blockSize: 32 } as const
    const matrices: Matrix[] = [
      { key: 'q', rows: 16, ...alike },
      { key: 'k', rows: 24, ...alike },
      { key: 'v', rows: 16, ...alike, bits: 8 },
    ]
    const { source, values } = await written(matrices)
    const g = new GraphBuilder('test')
    const outputs = g.linear(g.input('x', 'float32', [2, 128]), parametersOf(matrices, source))
    outputs.forEach((y, i) => {
      g.output(`y.${matrices[i]!.key}`, y, 'float32', [2, matrices[i]!.rows])
    })
    const graph = await g.finish()
    expect(graph.initializers.map(({ name }) => name)).toEqual(['q+k', 'q+k.scales', 'v', 'v.scales'])
    const x = wave(256)
    const found = await run(g, { x: float32(x, [2, 128]) })
    for (const [i, { key }] of matrices.entries())
      expect(relativeError(found[`y.${key}`]!.data as Float32Array, product(x, values[i]!, 128)), key).toBeLessThan(
        0.01,
      )
  })

  it.each([4, 8] as const)('gathers rows of %i bits exactly', async bits => {
    const matrix = { key: 'embedding', rows: 20, columns: 64, bits, blockSize: 32 }
    const { source, values } = await written([matrix])
    const g = new GraphBuilder('test')
    const rows = g.gatherRows(parametersOf([matrix], source)[0]!, g.input('ids', 'int32', ['n']))
    g.output('rows', rows, 'float32', ['n', 64])
    const ids = [3, 0, 19, 3]
    const { rows: found } = await run(g, { ids: int32(ids) })
    expect([...(found!.data as Float32Array)]).toEqual(
      ids.flatMap(id => [...values[0]!.subarray(id * 64, id * 64 + 64)]),
    )
    const { rows: none } = await run(g, { ids: tensor('int32', new Int32Array(0), [0]) })
    expect(none!.shape).toEqual([0, 64])
  })

  it('refuses a quantized weight where plain numbers are needed, naming it', async () => {
    const matrix = { key: 'odd.place', rows: 4, columns: 32, bits: 4, blockSize: 32 } as const
    const { source } = await written([matrix])
    expect(() => new GraphBuilder('test').parameter(parametersOf([matrix], source)[0]!)).toThrow(
      /odd\.place.*quantized/,
    )
  })
})
