import { int64, type Tensor, tensor } from '@viscpm/core'
import { GraphBuilder } from '@viscpm/core/graph'
import { onnxruntimeNode } from '@viscpm/core/node'
import { expect, it } from 'vitest'
import { exampleTensor } from '../fixtures/weights.js'
import { TokenMerging } from './token-merging.js'

const dim = 5

/** What the graph gives for x (compared) and y (merged), with `attend` writing each token's value times 10 and the number of tokens. */
async function run(ratio: number, height: number, width: number, x: Tensor, y: Tensor) {
  const g = new GraphBuilder('merging')
  const [size, xs, ys] = [
    g.input('size', 'int64', [2]),
    g.input('x', 'float32', ['rows', 'pixels', dim]),
    g.input('y', 'float32', ['rows', 'pixels', dim]),
  ]
  const out = new TokenMerging(g, ratio, size).around(xs, ys, merged => {
    g.output('merged', merged, 'float32', ['rows', 'tokens', dim])
    return g.mul(merged, g.scalar(10))
  })
  g.output('out', out, 'float32', ['rows', 'pixels', dim])
  const session = await onnxruntimeNode().createSession(await g.finish(), { threads: 1 })
  const result = await session.run({ size: int64([height, width]), x, y })
  await session.dispose()
  return result as { merged: Tensor<'float32'>; out: Tensor<'float32'> }
}

const row = (data: Float32Array, at: number) => [...data.subarray(at * dim, (at + 1) * dim)]
const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0)

/** The same in words of the paper: [group of each token], each group one token in the end. */
function groupsOf(x: Float32Array, ratio: number, height: number, width: number): number[] {
  const pixels = Array.from({ length: height * width }, (_, i) => i)
  const isTarget = (i: number) => (i % width) % 2 === 0 && Math.floor(i / width) % 2 === 0
  const cosine = (i: number, j: number) => {
    const [a, b] = [row(x, i), row(x, j)]
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
  }
  const targets = pixels.filter(isTarget)
  const edges = pixels
    .filter(i => !isTarget(i))
    .map(i => {
      const best = targets.reduce((b, t) => (cosine(i, t) > cosine(i, b) ? t : b))
      return { i, best, similarity: cosine(i, best) }
    })
    .sort((a, b) => b.similarity - a.similarity)
  const groups = pixels.slice()
  for (const { i, best } of edges.slice(0, Math.floor(ratio * pixels.length))) groups[i] = best
  return groups
}

it.each([
  [0.5, 4, 6],
  [0.25, 5, 7],
  [0.75, 4, 4],
  [0.1, 1, 2],
])('merges %f of %i x %i into the most similar, and gives all of them the result', async (ratio, height, width) => {
  const pixels = height * width
  const x = exampleTensor([2, pixels, dim], 0.7)
  const y = exampleTensor([2, pixels, dim], 1.9)
  const { merged, out } = await run(ratio, height, width, x, y)
  for (const batch of [0, 1]) {
    const [xs, ys, found] = [x, y, out].map(t => t.data.subarray(batch * pixels * dim, (batch + 1) * pixels * dim)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ]
    const groups = groupsOf(xs, ratio, height, width)
    expect(merged.shape).toEqual([2, new Set(groups).size, dim])
    groups.forEach((group, i) => {
      const members = groups.flatMap((g, j) => (g === group ? [j] : []))
      const mean = Array.from(
        { length: dim },
        (_, d) => members.reduce((sum, j) => sum + row(ys, j)[d]!, 0) / members.length,
      )
      row(found, i).forEach((v, d) => {
        expect(v).toBeCloseTo(10 * mean[d]!, 4)
      })
    })
  }
})

it('of equal pixels takes the first, and survives zeros', async () => {
  const equal = tensor('float32', new Float32Array(16 * dim), [1, 16, dim])
  const numbered = tensor(
    'float32',
    Float32Array.from({ length: 16 * dim }, (_, i) => Math.floor(i / dim)),
    [1, 16, dim],
  )
  const { out } = await run(0.25, 4, 4, equal, numbered)
  // Pixels 1, 3, 4 and 5 are the first that are no targets; all go into pixel 0.
  const mean = (0 + 1 + 3 + 4 + 5) / 5
  const expected = Array.from({ length: 16 }, (_, i) => 10 * ([0, 1, 3, 4, 5].includes(i) ? mean : i))
  expect(Array.from({ length: 16 }, (_, i) => out.data[i * dim])).toEqual(expected.map(Math.fround))
})
