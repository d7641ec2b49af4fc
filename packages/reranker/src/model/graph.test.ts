import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numel, type Tensor, type WeightSource, zeros } from '@viscpm/core'
import { memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { chineseCLIPBase16, parseChineseCLIPConfig } from '../config.js'
import { goldens } from '../fixtures/goldens.js'
import { configJson, failure, smallTensors } from '../fixtures/small.js'
import { buildChineseCLIPGraphs } from './graph.js'
import { ChineseCLIPNetwork } from './network.js'

/** A checkpoint of float32 weights whose keys, shapes and places are known, and whose bytes must not be read. */
function shapesOnly(shapes: ReadonlyMap<string, readonly number[]>): WeightSource {
  const name = 'shapes-only.bin'
  const read = async (): Promise<never> => {
    throw new Error('a weight was read')
  }
  const offsets = new Map<string, number>()
  let size = 0
  for (const [key, shape] of shapes) {
    offsets.set(key, size)
    size += 4 * numel(shape)
  }
  const source = { name, size, path: `/${name}`, read, close: async () => {} }
  const info = (key: string) => {
    const shape = shapes.get(key)!
    return { key, dtype: 'float32' as const, shape, strides: [], nbytes: 4 * numel(shape) }
  }
  return {
    name,
    format: 'torch-zip',
    keys: () => [...shapes.keys()],
    has: key => shapes.has(key),
    info,
    locate: key => ({ source, offset: offsets.get(key)!, length: info(key).nbytes }),
    read,
    close: source.close,
  }
}

const shapesOf = (network: ChineseCLIPNetwork) =>
  new Map([...network.namedParameters()].map(([key, { shape }]) => [key, shape]))

describe('the published model', () => {
  const shapes = shapesOf(new ChineseCLIPNetwork(chineseCLIPBase16))

  it('has its size', () => {
    expect([...shapes.values()].reduce((sum, shape) => sum + numel(shape), 0)).toBe(188_262_913)
    expect(shapes.get('logit_scale')).toEqual([])
  })

  const recorded = goldens('full-size')
  it.skipIf(!recorded)('accounts for every key of its checkpoint, reading none', async () => {
    const json = JSON.parse(readFileSync(join(recorded!, 'chinese_clip/keys.json'), 'utf8')) as Record<
      string,
      [number[]]
    >
    const published = new Map(Object.entries(json).map(([key, [shape]]) => [key, shape]))
    const { text, vision, ignored } = await buildChineseCLIPGraphs({
      weights: shapesOnly(published),
      config: chineseCLIPBase16,
    })
    const used = [...text.initializers, ...vision.initializers].map(({ name }) => name)
    const left = ignored.map(({ key }) => key)
    expect(left).toEqual(['text_model.embeddings.position_ids', 'vision_model.embeddings.position_ids'])
    expect([...used, ...left, 'logit_scale'].sort()).toEqual([...published.keys()].sort())
    expect(used.some(key => key.includes('pooler'))).toBe(false)
  })

  it('emits graphs of references: kilobytes, for hundreds of megabytes of weights', async () => {
    const { text, vision } = await buildChineseCLIPGraphs({ weights: shapesOnly(shapes), config: chineseCLIPBase16 })
    for (const graph of [text, vision]) {
      const onnx = graph.toOnnx(({ location: { offset, length } }) => ({ file: 'pytorch_model.bin', offset, length }))
      expect(onnx.byteLength).toBeGreaterThan(10_000)
      expect(onnx.byteLength).toBeLessThan(200_000)
    }
    expect(text.inputs).toEqual([
      { name: 'input_ids', dtype: 'int64', shape: ['batch', 'tokens'] },
      { name: 'attention_mask', dtype: 'int32', shape: ['batch', 'tokens'] },
    ])
    expect(text.outputs).toEqual([{ name: 'text_features', dtype: 'float32', shape: ['batch', 512] }])
    expect(vision.inputs).toEqual([{ name: 'pixel_values', dtype: 'float32', shape: ['batch', 3, 224, 224] }])
    expect(vision.outputs).toEqual([{ name: 'image_features', dtype: 'float32', shape: ['batch', 512] }])
  })
})

describe('strict loading', () => {
  const config = parseChineseCLIPConfig(configJson)
  const changed = (change: (copy: Map<string, Tensor>) => void) => {
    const copy = smallTensors()
    change(copy)
    return memoryWeights(copy, 'small.bin')
  }
  const build = (weights: WeightSource, ignored = {}) => buildChineseCLIPGraphs({ weights, config, ...ignored })

  it('takes a checkpoint with or without the old position_ids', async () => {
    expect((await build(changed(() => {}))).ignored).toEqual([])
    const keys = ['text_model.embeddings.position_ids', 'vision_model.embeddings.position_ids']
    const old = changed(copy => {
      for (const key of keys) copy.set(key, zeros('int64', [1, 16]))
    })
    const { ignored } = await build(old)
    expect(ignored.map(({ key }) => key)).toEqual(keys)
    expect(ignored.every(({ reason }) => reason.includes('older versions'))).toBe(true)
  })

  it.each(['logit_scale', 'text_projection.weight', 'vision_model.encoder.layers.1.mlp.fc2.bias'])(
    'misses %s',
    async key => {
      const error = await failure(build(changed(copy => copy.delete(key))))
      expect(error).toMatchObject({ code: 'MISSING_KEY', keys: [key], message: expect.stringContaining('small.bin') })
    },
  )

  it.each(['text_model.pooler.dense.weight', 'text_model.encoder.layer.2.output.dense.bias', 'position_ids'])(
    'does not expect %s',
    async key => {
      const weights = changed(copy => copy.set(key, zeros('float32', [1])))
      expect(await failure(build(weights))).toMatchObject({ code: 'UNEXPECTED_KEY', keys: [key] })
      const ignored = [{ pattern: new RegExp(`^${key}$`), reason: 'allowed here' }]
      expect((await build(weights, { ignored })).ignored).toEqual([{ key, reason: 'allowed here' }])
    },
  )

  it.each([
    ['text_model.embeddings.position_embeddings.weight', [15, 8]],
    ['vision_model.embeddings.position_embedding.weight', [16, 16]],
    ['vision_model.embeddings.patch_embedding.weight', [16, 3, 4, 4]],
    ['visual_projection.weight', [16, 12]],
  ])('refuses another shape of %s', async (key, shape) => {
    const error = await failure(build(changed(copy => copy.set(key, zeros('float32', shape)))))
    expect(error).toMatchObject({ code: 'WRONG_SHAPE', key, actual: shape })
  })
})
