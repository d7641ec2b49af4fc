import { type Tensor, tensor } from '@viscpm/core'
import type { Graph } from '@viscpm/core/graph'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClose } from '../fixtures/compare.js'
import { exampleTensor, exampleWeights } from '../fixtures/weights.js'
import type { UNetConfig } from './config.js'
import { buildUNetGraph } from './graph.js'
import { UNetNetwork } from './network.js'
import { UNet2DConditionModel } from './unet.js'

const config: UNetConfig = {
  in_channels: 4,
  out_channels: 4,
  sample_size: 8,
  block_out_channels: [8, 12],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 2,
  norm_num_groups: 4,
  norm_eps: 1e-5,
  cross_attention_dim: 6,
  attention_head_dim: [2, 3],
  use_linear_projection: true,
  flip_sin_to_cos: true,
  freq_shift: 0,
}
const backend = onnxruntimeNode()

/** A UNet, and every graph that a session was made of. */
async function load(given: UNetConfig = config, tokenMerging?: number) {
  const graphs: Graph[] = []
  const open = new Set<Graph>()
  const unet = await UNet2DConditionModel.load({
    weights: memoryWeights(exampleWeights(new UNetNetwork(given))),
    config: given,
    threads: 1,
    ...(tokenMerging !== undefined && { tokenMerging }),
    backend: {
      name: 'spy',
      createSession: async (graph, options) => {
        graphs.push(graph)
        open.add(graph)
        const session = await backend.createSession(graph, options)
        const dispose = async () => {
          open.delete(graph)
          await session.dispose()
        }
        return { ...session, run: (feeds, outputs) => session.run(feeds, outputs), dispose }
      },
    },
  })
  return { unet, graphs, open }
}

const sample = exampleTensor([2, 4, 6, 10])
const context = exampleTensor([2, 3, 6], 1.3)
/** As guidance asks for it: every sample with two contexts. */
const twice = tensor('float32', Float32Array.of(...sample.data, ...sample.data), [4, 4, 6, 10])
const contexts = exampleTensor([4, 3, 6], 0.7)

describe('a shallow part', () => {
  let loaded: Awaited<ReturnType<typeof load>>
  beforeAll(async () => {
    loaded = await load()
  })
  afterAll(() => loaded.unet.dispose())

  it.each([0, 1, 2])('with what the deep part gave in the same step is the whole: branch %i', async branch => {
    const { unet } = loaded
    for (const [x, c] of [
      [sample, context],
      [twice, contexts],
      [exampleTensor([1, 4, 5, 7]), exampleTensor([1, 2, 6])],
    ] as const) {
      const { output, deep } = await unet.runDeep(x, 500, c, { branch })
      expect(output.data).toEqual((await unet.run(x, 500, c)).data)
      expectClose(await unet.runShallow(x, 500, c, deep, { branch }), output, 1e-5, `branch ${branch}`)
      // Time, context and sample still matter, and so does what is deep.
      for (const other of [
        await unet.runShallow(x, 400, c, deep, { branch }),
        await unet.runShallow(exampleTensor(x.shape, 3), 500, c, deep, { branch }),
        await unet.runShallow(x, 500, exampleTensor(c.shape, 9), deep, { branch }),
        await unet.runShallow(x, 500, c, exampleTensor(deep.shape, 4), { branch }),
      ])
        expect(other.data).not.toEqual(output.data)
    }
  })

  it('is made once for each branch, of its own weights only', async () => {
    const { graphs } = loaded
    expect(graphs).toHaveLength(4)
    const keys = (graph: Graph) => {
      const bytes = Buffer.from(graph.toOnnx(() => ({ file: 'x', offset: 0, length: 0 }))).toString('latin1')
      return [...new UNetNetwork(config).namedParameters().keys()].filter(key => bytes.includes(key))
    }
    const prefixes = (graph: Graph) => new Set(keys(graph).map(key => key.split('.').slice(0, 5).join('.')))
    const [whole, last, more] = graphs.map(prefixes) as [Set<string>, Set<string>, Set<string>]
    expect(last.size).toBeLessThan(whole.size / 2)
    const blocks = (found: Set<string>) => [...found].filter(key => /resnets\.\d\.conv1$/.test(key))
    expect(blocks(last)).toEqual(['up_blocks.1.resnets.2.conv1'])
    expect(blocks(more)).toEqual([
      'down_blocks.0.resnets.0.conv1',
      'up_blocks.1.resnets.1.conv1',
      'up_blocks.1.resnets.2.conv1',
    ])
  })

  it('refuses a branch that there is not, and what is not of it', async () => {
    const { unet } = loaded
    expect(unet.branches).toBe(3)
    const { deep } = await unet.runDeep(sample, 1, context, { branch: 2 })
    const refused = (run: Promise<unknown>, argument: string, found: string) =>
      expect(run).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument,
        message: expect.stringContaining(found),
      })
    await refused(unet.runDeep(sample, 1, context, { branch: 3 }), 'deepCache', '0 to 2, not 3')
    await refused(unet.runShallow(sample, 1, context, deep, { branch: 0.5 }), 'deepCache', 'not 0.5')
    await refused(unet.runShallow(sample, 1, context, deep, { branch: 0 }), 'deep', '[2, 8, 6, 10] is needed')
    const one = exampleTensor([1, 4, 6, 10])
    await refused(unet.runShallow(one, 1, exampleTensor([1, 3, 6]), deep, { branch: 2 }), 'deep', 'found [2,12,6,10]')
    await refused(
      buildUNetGraph({ config, weights: memoryWeights(new Map()), shallow: 7 }).then(),
      'deepCache',
      'not 7',
    )
  })

  it.each<[string, Partial<UNetConfig>]>([
    [
      'without attention at the finest level',
      {
        down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
        up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
      },
    ],
    [
      'of one level',
      {
        block_out_channels: [8],
        down_block_types: ['CrossAttnDownBlock2D'],
        up_block_types: ['CrossAttnUpBlock2D'],
        attention_head_dim: [2],
      },
    ],
  ])('may be of a UNet %s', async (_, more) => {
    const { unet } = await load({ ...config, ...more })
    for (const branch of [0, 1, 2]) {
      const { output, deep } = await unet.runDeep(twice, 9, contexts, { branch })
      expectClose(await unet.runShallow(twice, 9, contexts, deep, { branch }), output, 1e-5, `branch ${branch}`)
    }
    await unet.dispose()
  })
})

describe('merged tokens', () => {
  const distance = (a: Tensor, b: Tensor) =>
    Math.sqrt((a.data as Float32Array).reduce((sum, v, i) => sum + (v - Number(b.data[i])) ** 2, 0) / a.data.length)

  it('change the result a little, the more the more, and not where there are none', async () => {
    const { unet } = await load()
    const plain = await unet.run(sample, 500, context)
    const merged = async (tokenMerging: number) =>
      distance(await unet.run(sample, 500, context, { tokenMerging }), plain)
    expect(await merged(0)).toBe(0)
    expect(await merged(0.01)).toBe(0) // of 60 pixels not one
    const [quarter, most] = [await merged(0.25), await merged(0.75)]
    expect(quarter).toBeGreaterThan(1e-6)
    expect(most).toBeGreaterThan(quarter)
    expect(most).toBeLessThan(distance(plain, tensor('float32', new Float32Array(plain.data.length), plain.shape)))
    await unet.dispose()
  })

  it('have one session at a time, for the whole and for each shallow part', async () => {
    const { unet, graphs, open } = await load(config, 0.5)
    const options = { branch: 0, tokenMerging: 0.5 }
    const { deep, output } = await unet.runDeep(twice, 500, contexts, options)
    expectClose(await unet.runShallow(twice, 500, contexts, deep, options), output, 1e-5, 'merged')
    expect([graphs.length, open.size]).toEqual([2, 2])
    const plain = await unet.run(sample, 500, context)
    expect([graphs.length, open.size]).toEqual([3, 2])
    await unet.runShallow(twice, 500, contexts, deep, { branch: 0 })
    expect([graphs.length, open.size]).toEqual([4, 2])
    // Whoever asks at the same time gets what was asked for.
    const both = await Promise.all([0.5, 0, 0.5].map(tokenMerging => unet.run(sample, 500, context, { tokenMerging })))
    expect(both[1]!.data).toEqual(plain.data)
    expect(both[0]!.data).toEqual(both[2]!.data)
    expect(both[0]!.data).not.toEqual(plain.data)
    await unet.dispose()
    expect(open.size).toBe(0)
    await expect(unet.runShallow(twice, 500, contexts, deep, options)).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  it('are a share of up to three in four', async () => {
    const { unet } = await load()
    for (const tokenMerging of [-0.1, 0.8, Number.NaN, '0.5' as never])
      await expect(unet.run(sample, 1, context, { tokenMerging })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument: 'tokenMerging',
      })
    await expect(load(config, 2)).rejects.toMatchObject({ argument: 'tokenMerging' })
    await unet.dispose()
  })
})
