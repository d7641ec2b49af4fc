import { float16ToNumber, float32, type Tensor, type WeightSource } from '@viscpm/core'
import { type Graph, GraphBuilder } from '@viscpm/core/graph'
import { onnxruntimeNode } from '@viscpm/core/node'
import type { PackedBatch } from '@viscpm/tokenizer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheLayout, type KeyValueDType } from './cache-layout.js'
import { presentOf, scoresOfPast, valuesOfPast } from './cached-attention.js'
import {
  floats,
  loadRecorded,
  openRecorded,
  recordedBatch,
  recordedForward,
  recordedRow,
  worst,
} from './fixtures/recorded.js'
import { quantizedModel, smallConfig } from './fixtures/written.js'
import type { CachedGeneration } from './generation.js'

const heads = 2
const dim = 32

/** Keys and values through the cache's form: what is stored, scores of queries, and weighted values. */
async function throughCache(
  kind: KeyValueDType,
  given: { q: Float32Array; key: Float32Array; value: Float32Array; weights: Float32Array },
): Promise<Record<string, Tensor>> {
  const g = new GraphBuilder('cache')
  const shape = [1, heads, 'n', dim]
  const key = g.input('key', 'float32', shape)
  const value = g.input('value', 'float32', shape)
  const q = g.input('q', 'float32', [1, heads, 's', dim])
  const weights = g.input('weights', 'float32', [1, heads, 's', 'n'])
  const stored = presentOf(g, key, value, kind)
  const { parts } = new CacheLayout([0], { numHeads: heads, dimHead: dim }, kind)
  for (const part of parts) g.output(`stored_${part.name}`, stored[part.name]!, part.dtype, part.shape(1, 'n'))
  g.output('scores', scoresOfPast(g, q, stored, 1 / Math.sqrt(dim)), 'float32', [1, heads, 's', 'n'])
  g.output('sum', valuesOfPast(g, weights, stored), 'float32', [1, heads, 's', dim])
  const graph: Graph = await g.finish()
  const session = await onnxruntimeNode().createSession(graph, { threads: 1 })
  const n = given.key.length / heads / dim
  const s = given.q.length / heads / dim
  const out = await session.run({
    key: float32(given.key, [1, heads, n, dim]),
    value: float32(given.value, [1, heads, n, dim]),
    q: float32(given.q, [1, heads, s, dim]),
    weights: float32(given.weights, [1, heads, s, n]),
  })
  await session.dispose()
  return out
}

/** Repeatable, in [-1, 1), with a few large ones. */
function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const x = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
    return ((x - Math.floor(x)) * 2 - 1) * (i % 41 === 0 ? 6 : 1)
  })
}

const tokens = 40
const rows = 3
const size = (n: number) => heads * n * dim
/** Softmax weights: one large, most small. */
const weights = numbers(heads * rows * tokens, 5).map((x, i) => (i % tokens === 7 ? 0.9 : Math.abs(x) * 0.002))
const queries = numbers(size(rows), 3)

describe('kept in another form, keys and values', () => {
  it('come back exactly where they can be written in it', async () => {
    // Of every token and head the largest is 127 steps, and a step is a power of two.
    const step = (i: number) => 2 ** -(Math.floor(i / dim) % 5)
    const exact = (seed: number) =>
      numbers(size(tokens), seed).map((x, i) => (i % dim === 3 ? 127 : Math.round(x * 20)) * step(i))
    const given = { q: queries, key: exact(1), value: exact(2), weights }
    const plain = await throughCache('float32', given)
    expect(plain.stored_key!.data).toEqual(given.key)
    const half = await throughCache('float16', given)
    expect(half.scores!.data).toEqual(plain.scores!.data)
    expect(half.sum!.data).toEqual(plain.sum!.data)

    const bytes = await throughCache('int8', given)
    let wrong = 0
    for (let h = 0; h < heads; h++)
      for (let t = 0; t < tokens; t++)
        for (let d = 0; d < dim; d++) {
          const at = (h * tokens + t) * dim + d
          const scale = (name: string) =>
            float16ToNumber((bytes[`stored_${name}`]!.data as Uint16Array)[h * tokens + t]!)
          // Keys lie transposed.
          const key = (bytes.stored_key!.data as Int8Array)[(h * dim + d) * tokens + t]! * scale('key_scale')
          const value = (bytes.stored_value!.data as Int8Array)[at]! * scale('value_scale')
          if (key !== given.key[at] || value !== given.value[at]) wrong++
        }
    expect(wrong).toBe(0)
    // What is left is the left operand's 13 bits.
    expect(worst(bytes.scores!.data as Float32Array, plain.scores!.data as Float32Array)).toBeLessThan(0.02)
    expect(spread(plain.scores!.data as Float32Array)).toBeGreaterThan(80)
    expect(worst(bytes.sum!.data as Float32Array, plain.sum!.data as Float32Array)).toBeLessThan(0.02)
    expect(spread(plain.sum!.data as Float32Array)).toBeGreaterThan(30)
  })

  it.each([
    ['float16', 0.004, 0.001],
    ['int8', 0.05, 0.01],
  ] as const)('in %s lose little otherwise', async (kind, ofScores, ofSum) => {
    const given = { q: queries, key: numbers(size(tokens), 1), value: numbers(size(tokens), 2), weights }
    const plain = await throughCache('float32', given)
    const other = await throughCache(kind, given)
    const error = (name: string) => worst(other[name]!.data as Float32Array, plain[name]!.data as Float32Array)
    expect(error('scores')).toBeGreaterThan(0)
    expect(error('scores')).toBeLessThan(ofScores)
    expect(error('sum')).toBeLessThan(ofSum)
  })

  it('of nothing but zeros stay zero', async () => {
    const zero = new Float32Array(size(tokens))
    const given = { q: new Float32Array(size(rows)), key: zero, value: zero, weights: weights.map(() => 0) }
    const { scores, sum } = await throughCache('int8', given)
    expect(worst(scores!.data as Float32Array, new Float32Array(heads * rows * tokens))).toBe(0)
    expect(worst(sum!.data as Float32Array, new Float32Array(size(rows)))).toBe(0)
  })
})

function spread(values: Float32Array): number {
  return Math.max(...values) - Math.min(...values)
}

describe("the original's numbers", () => {
  let inference: WeightSource
  let forward: WeightSource
  let batch: PackedBatch
  beforeAll(async () => {
    inference = await openRecorded('inference')
    forward = await openRecorded('forward')
    batch = await recordedBatch(inference)
  })
  afterAll(async () => {
    await inference.close()
    await forward.close()
  })

  it.each([
    ['float32', 1e-6],
    ['float16', 5e-4],
    ['int8', 1.2e-2],
  ] as const)('token after token with a cache in %s, against the range of its logits', async (kind, tolerance) => {
    const model = await loadRecorded({ kvCache: kind })
    let most = 0
    let range = 0
    for (let b = 0; b < batch.batch; b++) {
      const generation = await model.prefill(batch, b)
      for (let s = 0; inference.has(`out.step_${s}.logits`); s++) {
        const { data, width } = await generation.step([await recordedRow(inference, b, s)])
        const theirs = await floats(inference, `out.step_${s}.logits`)
        range = Math.max(range, spread(theirs))
        most = Math.max(most, worst(data, theirs.subarray(b * width, (b + 1) * width)))
      }
      generation.dispose()
    }
    expect(most / range).toBeLessThan(tolerance)
    await model.dispose()
  })

  it('a pass without a cache is the same in all of them', async () => {
    const input = await recordedForward(forward)
    const outputs: Float32Array[] = []
    for (const kind of ['float32', 'float16', 'int8'] as const) {
      const model = await loadRecorded({ kvCache: kind })
      outputs.push((await model.forward(input)).hidden_states!.data as Float32Array)
      await model.dispose()
    }
    expect(worst(outputs[1]!, outputs[0]!)).toBe(0)
    expect(worst(outputs[2]!, outputs[0]!)).toBeLessThan(2e-5)
  })

  it.each([
    ['plain weights', undefined, undefined, 'float32', true],
    ['plain weights, bytes asked for', undefined, 'int8', 'int8', false],
    ['int8 weights', 8, undefined, 'int8', false],
    ['int4 weights', 4, undefined, 'int8', false],
    ['int4 weights, float32 asked for', 4, 'float32', 'float32', false],
  ] as const)('are kept as suits %s', async (_, bits, asked, kind, rowsAgree) => {
    const config = smallConfig
    const kvCache = asked === undefined ? {} : { kvCache: asked }
    const model = bits
      ? await loadRecorded({ weights: await quantizedModel(bits), config, ...kvCache })
      : await loadRecorded(kvCache)
    const inputIds = batch.inputIds.map(id => id % smallConfig.vocabSize)
    const segmentRel = batch.segmentRel.map(r => Math.min(r, smallConfig.positionBiasNumSegmentBuckets))
    const generation = await model.prefill({ ...batch, inputIds, segmentRel }, 0)
    const { numLayers, maskModules } = model.config
    const layers = Array.from({ length: numLayers }, (_, i) => i).filter(i => !maskModules?.[i]?.[0])
    const { bytesPerSlot } = new CacheLayout(layers, model.config, kind)
    const slots = (generation as CachedGeneration).cacheBytes / bytesPerSlot
    expect(slots % 16).toBe(0)
    expect(slots - batch.length).toBeLessThan(48)
    expect(model.rowsAgree).toBe(rowsAgree)
    generation.dispose()
    await model.dispose()
  })

  it('an unknown form is refused before anything is loaded', async () => {
    await expect(loadRecorded({ kvCache: 'int4' as never })).rejects.toMatchObject({ argument: 'kvCache' })
  })
})
