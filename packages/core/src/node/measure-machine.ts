import { availableParallelism } from 'node:os'
import type { Machine } from '../cost/machine.js'
import { GraphBuilder } from '../graph/builder.js'
import type { Session } from '../session/types.js'
import { float32, tensor } from '../tensor.js'
import type { WeightSource } from '../weights/types.js'
import { onnxruntimeNode } from './onnxruntime.js'

/** Larger than caches: 96 MiB of float32. */
const inner = 4096
const outer = 6144
const blockSize = 128
const rows = 64
/** Milliseconds for each rate. */
const patience = 250

/**
 * Measures in about a second what the cost of a model depends on: reading weights, float32 products, products in blocks, and
 * reading the file. `threads`: as the model will be run with.
 * @throws MissingDependencyError without onnxruntime-node
 */
export async function measureMachine(
  options: { readonly weights?: WeightSource; readonly threads?: number } = {},
): Promise<Machine> {
  const cores = availableParallelism()
  const threads = options.threads === undefined ? {} : { threads: options.threads }
  const session = await onnxruntimeNode().createSession(await graph(), threads)
  try {
    const weights = inner * outer
    const one = await bestSeconds(session, 'plain', 1)
    const many = await bestSeconds(session, 'plain', rows)
    const blocks = await bestSeconds(session, 'blocks', rows)
    return {
      cores: options.threads ?? cores,
      ramBandwidth: (4 * weights) / one,
      float32: (2 * weights * rows) / many,
      int8: (2 * weights * rows) / blocks,
      diskBandwidth: options.weights ? await readBandwidth(options.weights) : 1e9,
    }
  } finally {
    await session.dispose()
  }
}

/** x [rows, inner] times one matrix in float32 and one in blocks of 4 bits. */
async function graph() {
  const g = new GraphBuilder('measure')
  const product = (name: string, weights: (x: ReturnType<typeof g.input>) => ReturnType<typeof g.input>) =>
    g.output(`${name}.y`, weights(g.input(name, 'float32', [`${name}.rows`, inner])), 'float32', [
      `${name}.rows`,
      outer,
    ])
  const plain = g.constant(float32(new Float32Array(inner * outer).fill(0.01), [inner, outer]))
  product('plain', x => g.matmul(x, plain))
  const blocks = inner / blockSize
  const stored = g.constant(
    tensor('uint8', new Uint8Array((outer * inner) / 2).fill(0x97), [outer, blocks, blockSize / 2]),
  )
  const scales = g.constant(float32(new Float32Array(outer * blocks).fill(0.01), [outer, blocks]))
  const attributes = { K: inner, N: outer, bits: 4, block_size: blockSize, accuracy_level: 4 }
  product('blocks', x => g.op('MatMulNBits', [x, stored, scales], { domain: 'com.microsoft', attributes }))
  return g.finish()
}

/** The other product runs on no row. */
async function bestSeconds(session: Session, name: 'plain' | 'blocks', count: number): Promise<number> {
  const x = (n: number) => float32(new Float32Array(n * inner).fill(0.5), [n, inner])
  const feeds = { plain: x(0), blocks: x(0), [name]: x(count) }
  let best = Number.POSITIVE_INFINITY
  for (const start = performance.now(); performance.now() - start < patience; ) {
    const before = performance.now()
    await session.run(feeds, [`${name}.y`])
    best = Math.min(best, performance.now() - before)
  }
  return best / 1000
}

const sampleBytes = 4 * 2 ** 20
const samples = 48

/** Pieces from all over the largest file: what the system keeps of it is read as fast as it will be when it is loaded. */
async function readBandwidth(weights: WeightSource): Promise<number> {
  const locations = weights.keys().flatMap(key => weights.locate(key) ?? [])
  const [first] = locations
  if (!first) return 1e9
  const { source } = locations.reduce((a, b) => (b.source.size > a.source.size ? b : a), first)
  const length = Math.min(sampleBytes, source.size)
  let bytes = 0
  const start = performance.now()
  for (let i = 0; i < samples && performance.now() - start < 2 * patience; i++) {
    const offset = Math.floor(((source.size - length) * i) / samples)
    bytes += (await source.read(offset, length)).length
  }
  return (1000 * bytes) / Math.max(0.1, performance.now() - start)
}
