import { numel } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { findGoldens } from '../fixtures/goldens.js'
import { type KeyList, keysOnly, shapesOf } from '../fixtures/weights.js'
import { buildTransBlockGraph } from '../trans-block/trans-block.js'
import { parseUNetConfig, sd21BaseUNetConfig } from './config.js'
import { buildUNetGraph } from './graph.js'
import { UNetNetwork } from './network.js'

it('SD 2.1-base has 686 tensors of 865,910,724 parameters', () => {
  const parameters = [...new UNetNetwork(sd21BaseUNetConfig).namedParameters().values()]
  expect(parameters).toHaveLength(686)
  expect(parameters.reduce((sum, { shape }) => sum + numel(shape), 0)).toBe(865_910_724)
})

const goldens = findGoldens('full-size', 'unet/keys.json', 'unet/config.json', 'trans_block/keys.json')
describe.skipIf(!goldens)('the published VisCPM-Paint', () => {
  const list = (part: string) => goldens!.json(`${part}/keys.json`) as KeyList
  const checkpoint = () =>
    new Map<string, readonly number[]>([
      ['llm.input_embedding.weight', [86583, 4096]],
      ...shapesOf(list('unet'), 'unet.'),
      ...shapesOf(list('trans_block'), 'trans_block.'),
    ])

  it('has the sizes that are part of this package', () => {
    expect(parseUNetConfig(goldens!.json('unet/config.json'))).toEqual(sd21BaseUNetConfig)
  })

  it('every key of UNet and trans_block is used, no weight is read', async () => {
    const shapes = checkpoint()
    const weights = keysOnly(shapes)
    const unet = await buildUNetGraph({ weights, config: sd21BaseUNetConfig, prefix: 'unet.' })
    const block = await buildTransBlockGraph({ weights, prefix: 'trans_block.' })
    const used = [...unet.graph.initializers, ...block.graph.initializers].map(i => i.name)
    const own = [...shapes.keys()].filter(key => !key.startsWith('llm.'))
    expect(used.sort()).toEqual(own.sort())
    expect([unet.ignored, block.dimIn, block.dimOut]).toEqual([[], 4096, 1024])
    const parameters = own.reduce((sum, key) => sum + numel(shapes.get(key)!), 0)
    expect(parameters).toBe(865_910_724 + 4_196_352)
  })

  it('is emitted as a small file whose weights lie elsewhere', async () => {
    const weights = keysOnly(checkpoint())
    const { graph } = await buildUNetGraph({ weights, config: sd21BaseUNetConfig, prefix: 'unet.' })
    const onnx = graph.toOnnx(({ location }) => ({ file: 'paint.pt', offset: 0, length: location.length }))
    expect(onnx.length).toBeGreaterThan(100_000)
    expect(onnx.length).toBeLessThan(2 ** 20)
    expect(graph.inputs.map(input => input.shape)).toEqual([
      ['samples', 4, 'height', 'width'],
      ['samples'],
      ['batch', 'tokens', 1024],
    ])
  })

  it('names a key that is missing, unknown or misshapen', async () => {
    const key = 'unet.up_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.weight'
    const build = (change: (shapes: Map<string, readonly number[]>) => unknown) => {
      const shapes = checkpoint()
      change(shapes)
      return buildUNetGraph({ weights: keysOnly(shapes), config: sd21BaseUNetConfig, prefix: 'unet.' })
    }
    await expect(build(shapes => shapes.delete(key))).rejects.toMatchObject({ code: 'MISSING_KEY', keys: [key] })
    const extra = 'unet.class_embedding.weight'
    await expect(build(shapes => shapes.set(extra, [1]))).rejects.toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: [extra],
    })
    await expect(build(shapes => shapes.set(key, [5120, 320]))).rejects.toMatchObject({ code: 'WRONG_SHAPE', key })
  })
})
