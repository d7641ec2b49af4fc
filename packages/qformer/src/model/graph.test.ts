import { numel, type VisCPMError, type WeightSource } from '@viscpm/core'
import type { IgnoredPattern } from '@viscpm/core/weights'
import { beforeAll, describe, expect, it } from 'vitest'
import { beit3Large } from '../config.js'
import { config, open, publishedShapes, shapesOnly } from '../fixtures/load.js'
import { buildQFormerGraph } from './graph.js'

const unusedByChat = [
  'vpm.beit3.text_embed.weight',
  'vpm.beit3.vision_embed.mask_token',
  'vpm.mim_head.weight',
  'vpm.mim_head.bias',
]

describe('the published vision part', () => {
  const shapes = publishedShapes()
  const vision = [...shapes.keys()].filter(key => /^(query$|vpm\.|mapping\.)/.test(key))

  it('accounts for every key of the checkpoint, reading none', async () => {
    const { graph, ignored } = await buildQFormerGraph({
      weights: shapesOnly(shapes),
      config: beit3Large,
      intermediates: true,
    })
    const used = graph.initializers.map(i => i.name)
    const ignoredVision = ignored.map(({ key }) => key).filter(key => !key.startsWith('llm.'))
    expect(ignoredVision.sort()).toEqual([...unusedByChat].sort())
    expect([...used, ...ignoredVision].sort()).toEqual([...vision].sort())
    expect(used.length + ignored.length).toBe(shapes.size)
    expect(ignored.every(({ reason }) => reason.length > 10)).toBe(true)

    const parameters = (keys: readonly string[]) => keys.reduce((sum, key) => sum + numel(shapes.get(key)!), 0)
    expect(parameters(vision)).toBe(681_099_264 + 65_536 + 20_979_712)
    expect(parameters(ignoredVision)).toBe(73_944_064)
  })

  it('emits a graph of references: kilobytes, for gigabytes of weights', async () => {
    const { graph } = await buildQFormerGraph({ weights: shapesOnly(shapes), config: beit3Large })
    const offsets = new Set<number>()
    const onnx = graph.toOnnx(({ location }) => {
      offsets.add(location.offset)
      return { file: 'viscpm.pt', offset: location.offset, length: location.length }
    })
    expect(onnx.byteLength).toBeGreaterThan(10_000)
    expect(onnx.byteLength).toBeLessThan(1_000_000)
    expect(offsets.size).toBe(graph.initializers.length)
    expect(graph.inputs).toEqual([{ name: 'pixel_values', dtype: 'float32', shape: ['batch', 3, 224, 224] }])
    expect(graph.outputs).toEqual([{ name: 'vision_hidden_states', dtype: 'float32', shape: ['batch', 64, 4096] }])

    // What only the last layer's picture tokens would need is left out: their states go nowhere.
    const used = new Set(graph.initializers.map(i => i.name))
    const leftOut = vision.filter(key => !used.has(key) && !unusedByChat.includes(key))
    expect(leftOut.every(key => /encoder\.layer_norm\.A|layers\.23\..*\bA\./.test(key))).toBe(true)
    expect(leftOut).toHaveLength(2 + 6 + 8)
  })

  it('needs nothing of the queries when it runs without them', async () => {
    const { graph } = await buildQFormerGraph({ weights: shapesOnly(shapes), config: beit3Large, withoutQueries: true })
    expect(graph.initializers.filter(i => /\.B\.|^query|^mapping/.test(i.name))).toEqual([])
    expect(graph.outputs.map(o => o.name)).toEqual(['encoder_out'])
  })
})

describe('strict loading', () => {
  let shapes: Map<string, readonly number[]>
  beforeAll(async () => {
    const weights = await open('qformer-b.fp16.bin')
    shapes = new Map(weights.keys().map(key => [key, weights.info(key).shape]))
    await weights.close()
  })

  const build = (weights: WeightSource, ignored?: IgnoredPattern[]) =>
    buildQFormerGraph({ weights, config: config('qformer-b'), ...(ignored && { ignored }) })
  const failure = async (weights: WeightSource) =>
    build(weights).then(
      () => expect.unreachable(),
      (error: VisCPMError & { key?: string; keys?: string[] }) => error,
    )
  const changed = (change: (copy: Map<string, readonly number[]>) => void) => {
    const copy = new Map(shapes)
    change(copy)
    return shapesOnly(copy)
  }

  it('takes a checkpoint without the weights that pictures do not use', async () => {
    const { ignored } = await build(changed(copy => unusedByChat.map(key => copy.delete(key))))
    expect(ignored.every(({ key }) => key.startsWith('llm.'))).toBe(true)
  })

  it('takes a checkpoint of the vision part alone', async () => {
    const lean = changed(copy => [...copy.keys()].filter(key => key.startsWith('llm.')).map(key => copy.delete(key)))
    expect((await build(lean)).ignored.map(({ key }) => key).sort()).toEqual([...unusedByChat].sort())
  })

  it.each([
    'query',
    'mapping.2.bias',
    'vpm.beit3.encoder.layers.1.ffn.B.ffn_layernorm.weight',
    'vpm.beit3.encoder.layer_norm.A.bias',
  ])('misses %s', async key => {
    const error = await failure(changed(copy => copy.delete(key)))
    expect(error).toMatchObject({ code: 'MISSING_KEY', keys: [key] })
    expect(error.message).toContain('shapes-only.pt')
  })

  it.each(['vpm.beit3.encoder.layers.2.ffn.A.fc1.weight', 'mapping.1.weight', 'unet.conv_in.weight', 'queries'])(
    'does not expect %s',
    async key => {
      const weights = changed(copy => copy.set(key, [1]))
      expect(await failure(weights)).toMatchObject({ code: 'UNEXPECTED_KEY', keys: [key] })
      const { ignored } = await build(weights, [{ pattern: new RegExp(`^${key}$`), reason: 'allowed here' }])
      expect(ignored).toContainEqual({ key, reason: 'allowed here' })
    },
  )

  it.each([
    ['query', [6, 40]],
    ['vpm.beit3.vision_embed.proj.weight', [40, 3, 14, 14]],
    ['vpm.beit3.encoder.embed_positions.A.weight', [17, 40]],
    ['vpm.beit3.encoder.embed_positions.B.weight', [512, 40]],
    ['mapping.0.weight', [40, 32]],
    ['vpm.mim_head.weight', [8192, 1024]],
    ['vpm.beit3.text_embed.weight', [64010, 40]],
  ])('refuses another shape of %s', async (key, shape) => {
    const error = await failure(changed(copy => copy.set(key, shape)))
    expect(error).toMatchObject({ code: 'WRONG_SHAPE', key, actual: shape, expected: shapes.get(key) })
  })
})
