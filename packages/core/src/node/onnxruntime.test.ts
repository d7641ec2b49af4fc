import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ByteSource } from '../bytes.js'
import { bindWeights, GraphBuilder, Linear } from '../graph/index.js'
import { float32 } from '../tensor.js'
import { memoryWeights, openSafetensors, type WeightSource, writeSafetensors } from '../weights/index.js'
import { onnxruntimeNode, openAtomicSink, openFile } from './index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-ort-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const size = 1536

async function saved(): Promise<ByteSource> {
  const weight = Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3)
  const source = memoryWeights({ weight: float32(weight, [size, size]), bias: float32(new Float32Array(size)) })
  const path = join(folder, 'model.safetensors')
  await writeSafetensors(await openAtomicSink(path), source)
  return openFile(path)
}

async function build(weights: WeightSource) {
  const linear = new Linear(size, size)
  bindWeights(linear, weights)
  const g = new GraphBuilder('linear')
  g.output('y', linear.build(g, g.input('x', 'float32', [1, size])), 'float32', [1, size])
  return g.finish()
}

const x = float32(new Float32Array(size).fill(1), [1, size])

/** Counts what is read of a file through us; the runtime maps it by itself. */
function counted(file: ByteSource): { source: ByteSource; read: () => number } {
  let bytes = 0
  const source: ByteSource = {
    ...file,
    read: (offset, length) => {
      bytes += length
      return file.read(offset, length)
    },
    close: () => file.close(),
  }
  return { source, read: () => bytes }
}

it('maps weights of a file without reading them, and copies those that no file holds', async () => {
  const file = await saved()
  const { source, read } = counted(file)
  const mapped = await openSafetensors(source)
  const before = read()
  const session = await onnxruntimeNode().createSession(await build(mapped))
  expect(read()).toBe(before)

  const { path: _, ...unmappable } = source
  const copied = await openSafetensors(unmappable as ByteSource)
  const other = await onnxruntimeNode().createSession(await build(copied))
  expect(read()).toBeGreaterThan(before + size * size * 4)

  const [a, b] = await Promise.all([session.run({ x }), other.run({ x })])
  expect(b.y!.data).toEqual(a.y!.data)
  await Promise.all([session.dispose(), other.dispose(), file.close()])
})

it('gives all memory of a session back', async () => {
  const file = await saved()
  const graph = await build(await openSafetensors(file))
  const cycle = async () => {
    const session = await onnxruntimeNode().createSession(graph)
    await session.run({ x })
    await session.dispose()
  }
  // Kept, the weights alone would be 60 x 9 MB each time. What the allocator holds back, up to 1 GB, it holds back once.
  let grown = Number.POSITIVE_INFINITY
  for (let round = 0; round < 6 && grown > 250e6; round++) {
    const before = process.memoryUsage().rss
    for (let i = 0; i < 60; i++) await cycle()
    grown = process.memoryUsage().rss - before
  }
  expect(grown).toBeLessThan(250e6)
  await file.close()
})

it('stops when aborted before it starts', async () => {
  const signal = AbortSignal.abort(new Error('no'))
  const graph = await build(
    memoryWeights({
      weight: float32(new Float32Array(size * size), [size, size]),
      bias: float32(new Float32Array(size)),
    }),
  )
  await expect(onnxruntimeNode().createSession(graph, { signal })).rejects.toThrow('no')
})
