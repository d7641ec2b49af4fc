import { SessionError } from '../errors.js'
import { GraphBuilder, type Value } from '../graph/builder.js'
import { float32, numel, tensor } from '../tensor.js'
import type { OrtRuntime } from './ort-session.js'
import type { Device } from './providers.js'

interface Sample {
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** How far from the CPU a right result may be, as a share of its largest number. */
  readonly tolerance: number
  readonly build: (g: GraphBuilder, x: Value) => Value
}

/** Numbers between -1 and 1 that no two rows have in common. */
const wave = (...shape: number[]) =>
  float32(
    Float32Array.from({ length: numel(shape) }, (_, i) => Math.sin(i * i)),
    shape,
  )
const exact = { x: [2, 32], y: [2, 32], tolerance: 1e-3 }

/** More rows and keys than a tile of any kernel has, heads as wide as Stable Diffusion's. */
const [rows, heads, dim] = [150, 2, 64]

const scale = 0.01
const zeroPoint = () => tensor('uint8', Uint8Array.of(128), [])

/** A product in half precision. */
export const halfSample = 'half'

/** Small graphs of one operator each, by the names that graphs list them under. */
const samples: Readonly<Record<string, Sample>> = {
  MatMul: { ...exact, build: (g, x) => g.matmul(x, g.constant(wave(32, 32))) },
  [halfSample]: {
    ...exact,
    tolerance: 1e-2,
    build: (g, x) => {
      const weights = g.cast(g.constant(wave(32, 32)), 'float16')
      return g.cast(g.matmul(g.cast(x, 'float16'), weights), 'float32')
    },
  },
  Gemm: { ...exact, build: (g, x) => g.op('Gemm', [x, g.constant(wave(32, 32))], { attributes: { transB: 1 } }) },
  Conv: {
    x: [1, 4, 8, 8],
    y: [1, 4, 8, 8],
    tolerance: 1e-3,
    build: (g, x) =>
      g.conv2d(x, g.constant(wave(4, 4, 3, 3)), undefined, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }),
  },
  QuantizeLinear: {
    ...exact,
    tolerance: 2 * scale, // numbers between two steps may go to either
    build: (g, x) => {
      const [s, z] = [g.scalar(scale), g.constant(zeroPoint())]
      return g.op('DequantizeLinear', [g.op('QuantizeLinear', [x, s, z]), s, z])
    },
  },
  'com.microsoft.FusedMatMul': { ...exact, build: (g, x) => g.fusedMatmul(x, g.constant(wave(32, 32))) },
  'com.microsoft.MultiHeadAttention': {
    x: [1, rows, heads * dim],
    y: [1, rows, heads * dim],
    tolerance: 1e-3,
    build: (g, x) => g.attention(x, g.constant(wave(1, rows, heads * dim)), x, { heads, scale: 1 / Math.sqrt(dim) }),
  },
  'com.microsoft.MatMulNBits': {
    x: [2, 128],
    y: [2, 32],
    tolerance: 2e-2, // each side may round x to int8
    build: (g, x) =>
      g.op('MatMulNBits', [x, g.constant(tensor('uint8', nibbles, [32, 4, 16])), g.constant(wave(32, 4))], {
        domain: 'com.microsoft',
        attributes: { K: 128, N: 32, bits: 4, block_size: 32, accuracy_level: 4 },
      }),
  },
}

const nibbles = Uint8Array.from({ length: 32 * 4 * 16 }, (_, i) => (i * 37) % 256)

/**
 * Runs a graph of one operator with the CPU forbidden, and compares with the CPU: a device may take an operator and compute
 * it wrongly (onnxruntime's attention for WebGPU does on processors whose subgroups are small).
 * @param cpu what the runtime calls its CPU provider
 * @throws what the runtime throws; SessionError where the numbers differ
 */
export async function tryOperator(ort: OrtRuntime, device: Device, operator: string, cpu = 'cpu'): Promise<void> {
  const { x, y, tolerance, build } = samples[operator]!
  const g = new GraphBuilder(`try ${operator}`)
  g.output('y', build(g, g.input('x', 'float32', x)), 'float32', y)
  const onnx = (await g.finish()).toOnnx(noPlace)
  const { data: input } = wave(...x)
  const run = async (provider: string): Promise<Float32Array> => {
    const session = await ort.InferenceSession.create(onnx, {
      executionProviders: [provider],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
      ...(provider !== cpu && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    })
    try {
      return (await session.run({ x: new ort.Tensor('float32', input, x) })).y!.data as Float32Array
    } finally {
      await session.release()
    }
  }
  const found = await run(device)
  const expected = await run(cpu)
  const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  if (!expected.every((v, i) => Math.abs(v - found[i]!) <= tolerance * largest))
    throw new SessionError({ message: `${device} computes ${operator} wrongly` })
}

const noPlace = (): never => {
  throw new SessionError({ message: 'a sample has no weights in files' })
}
