import { float32, MissingKeyError, type Tensor, UnexpectedKeyError, WrongShapeError } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../fixtures/peer.js'
import { noise, uniform } from '../fixtures/uniform.js'
import { InceptionFeatures } from './features.js'
import { buildInceptionGraph, InceptionV3, inceptionDims } from './network.js'
import { resizeFloat } from './resize.js'

/** The weights that tools/eval-parity/python/peer.py gives the peer. */
function randomWeights(width = 1): Record<string, Tensor> {
  return Object.fromEntries(
    [...new InceptionV3(width).namedParameters()].map(([key, { shape }]) => {
      const u = uniform(
        key,
        shape.reduce((a, b) => a * b, 1),
      )
      const fan = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1))
      const value = /running_var$|bn\.weight$/.test(key)
        ? (v: number) => 0.5 + v
        : /conv\.weight$|^fc\.weight$/.test(key)
          ? (v: number) => (2 * v - 1) * fan
          : (v: number) => v - 0.5
      return [key, float32(Float32Array.from(u, value), [...shape])]
    }),
  )
}

const images = peer.pictures.map(({ name, width, height }) => noise(name, width, height))

test('pictures are resized as clean-fid does it', () => {
  for (const [i, { resized }] of peer.pictures.entries()) {
    const { data, shape } = resizeFloat(images[i]!, 299)
    expect(shape).toEqual([3, 299, 299])
    const sampled: number[] = []
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 299; y += 43) for (let x = 0; x < 299; x += 47) sampled.push(data[(c * 299 + y) * 299 + x]!)
    expect(sampled.length).toBe(resized.length)
    for (const [k, value] of sampled.entries()) expect(value).toBeCloseTo(resized[k]!, 3)
  }
})

describe('features of random weights are what pytorch-fid computes', () => {
  let tensors: Record<string, Tensor>
  beforeAll(() => {
    tensors = randomWeights()
  })

  test.each([
    ['clean', 2048],
    ['pytorch-fid', 2048],
    ['clean', 768],
    ['pytorch-fid', 192],
    ['clean', 64],
  ] as const)('%s %d', { timeout: 180_000 }, async (resize, dim) => {
    const weights = memoryWeights(tensors)
    const network = await InceptionFeatures.load({ weights, resize, dim, backend: onnxruntimeNode() })
    const found = await network.extract(images)
    await network.dispose()
    expect(network.name).toBe(`inception-${dim}-${resize}`)
    for (const [i, picture] of peer.pictures.entries()) {
      const theirs = picture[resize][`${dim}`]
      const scale = Math.max(...theirs.map(Math.abs))
      for (const [k, value] of theirs.entries()) {
        const ours = found[i * dim + k * (dim / 16)]!
        expect(Math.abs(ours - value) / scale).toBeLessThan(1e-4)
      }
    }
  })
})

describe('keys of the checkpoint', () => {
  const small = randomWeights(1 / 16)
  const build = (tensors: Record<string, Tensor>) =>
    buildInceptionGraph({ weights: memoryWeights(tensors), resize: 'clean', width: 1 / 16 })

  test('are those of the published file; the number of batches seen may be there', async () => {
    expect(Object.keys(small)).toHaveLength(94 * 5 + 2)
    const graph = await build({ ...small, 'Mixed_5b.branch1x1.bn.num_batches_tracked': float32([0], []) })
    expect(graph.inputs).toEqual([{ name: 'pixels', dtype: 'float32', shape: ['batch', 3, 299, 299] }])
    expect(inceptionDims).toEqual([64, 192, 768, 2048])
  })

  test('are all named when they are missing, unknown or of another shape', async () => {
    const { 'fc.bias': _, ...missing } = small
    await expect(build(missing)).rejects.toThrow(MissingKeyError)
    await expect(build({ ...small, 'AuxLogits.fc.bias': float32([0]) })).rejects.toThrow(UnexpectedKeyError)
    await expect(build({ ...small, 'fc.bias': float32([0]) })).rejects.toThrow(WrongShapeError)
    expect(() => new InceptionV3(0.3)).toThrow('width')
  })
})
