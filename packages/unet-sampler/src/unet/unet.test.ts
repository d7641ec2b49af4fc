import {
  float32,
  float32ToFloat16,
  int32,
  int64,
  type Tensor,
  tensor,
  toFloat32,
  type WeightSource,
  zeros,
} from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClose } from '../fixtures/compare.js'
import { findGoldens } from '../fixtures/goldens.js'
import { exampleTensor, exampleWeights } from '../fixtures/weights.js'
import { parseUNetConfig, type UNetConfig } from './config.js'
import { UNetNetwork } from './network.js'
import { UNet2DConditionModel, type UNetOptions } from './unet.js'

const backend = onnxruntimeNode()

/** Two levels, attention at the coarser one on its way down and at the finer one on its way up. */
const config: UNetConfig = {
  in_channels: 4,
  out_channels: 3,
  sample_size: 8,
  block_out_channels: [8, 12],
  down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  norm_num_groups: 4,
  norm_eps: 1e-5,
  cross_attention_dim: 6,
  attention_head_dim: [2, 3],
  use_linear_projection: true,
  flip_sin_to_cos: true,
  freq_shift: 0,
}
const tensors = exampleWeights(new UNetNetwork(config))

function load(options: Partial<UNetOptions> & { tensors?: Map<string, Tensor> } = {}): Promise<UNet2DConditionModel> {
  return UNet2DConditionModel.load({
    weights: memoryWeights(options.tensors ?? tensors),
    config,
    backend,
    threads: 1,
    ...options,
  })
}

const model = 'model/diffusion_pytorch_model.safetensors'
const goldens = findGoldens('unet', 'cases.safetensors', 'model/config.json', model)
describe.skipIf(!goldens)('as recorded from diffusers', () => {
  let weights: WeightSource
  let recorded: WeightSource
  beforeAll(async () => {
    weights = await goldens!.open(model)
    recorded = await goldens!.open('cases.safetensors')
  })
  afterAll(async () => {
    await weights.close()
    await recorded.close()
  })

  it.each([false, true])('in every case, half kept: %s', async keepHalf => {
    const modelConfig = parseUNetConfig(goldens!.json('model/config.json'))
    const unet = await load({ weights, config: modelConfig, keepHalf })
    const names = recorded.keys().flatMap(key => /^(.+)\/sample$/.exec(key)?.[1] ?? [])
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const read = (key: string) => recorded.read(`${name}/${key}`)
      const out = await unet.run(await read('sample'), await read('timestep'), await read('encoder_hidden_states'))
      expectClose(out, await read('out'), 5e-5, name)
    }
    await unet.dispose()
  })
})

describe('run', () => {
  let unet: UNet2DConditionModel
  const sample = exampleTensor([2, 4, 5, 7])
  const context = exampleTensor([2, 3, 6], 1.3)
  let out: Tensor
  beforeAll(async () => {
    unet = await load()
    out = await unet.run(sample, 500, context)
  })
  afterAll(() => unet.dispose())

  it('keeps samples apart, and all inputs matter', async () => {
    expect(out.shape).toEqual([2, 3, 5, 7])
    const row = (t: Tensor, i: number) => {
      const size = t.data.length / 2
      const data = (t.data as Float32Array).slice(i * size, (i + 1) * size)
      return tensor('float32', data, [1, ...t.shape.slice(1)])
    }
    for (const i of [0, 1]) expectClose(await unet.run(row(sample, i), 500, row(context, i)), row(out, i), 1e-5, `${i}`)
    const difference = async (run: Promise<Tensor>) => {
      const data = (await run).data as Float32Array
      return data.reduce((most, v, i) => Math.max(most, Math.abs(v - Number(out.data[i]))), 0)
    }
    expect(await difference(unet.run(sample, 501, context))).toBeGreaterThan(1e-4)
    expect(await difference(unet.run(sample, 500, exampleTensor([2, 4, 6])))).toBeGreaterThan(1e-3)
    expect(await difference(unet.run(exampleTensor([2, 4, 5, 7], 2), 500, context))).toBeGreaterThan(1e-3)
  })

  it('takes the time as a number, as any dtype, and per sample', async () => {
    for (const time of [int64([500], []), int64([500]), float32([500, 500]), int32([500]), float32([500])])
      expect((await unet.run(sample, time, context)).data).toEqual(out.data)
    const mixed = await unet.run(sample, int64([500, 3]), context)
    const half = out.data.length / 2
    expect(mixed.data.subarray(0, half)).toEqual((out.data as Float32Array).subarray(0, half))
    expect(mixed.data.subarray(half)).not.toEqual((out.data as Float32Array).subarray(half))
    expect((await unet.run(sample, 500.5, context)).data).not.toEqual(out.data)
  })

  it('computes what both halves of a guided batch share once, to the same result', async () => {
    const fed: number[][] = []
    const spied = await load({
      backend: {
        name: 'spy',
        createSession: async (graph, options) => {
          const session = await backend.createSession(graph, options)
          const run: typeof session.run = (feeds, outputs) => {
            fed.push([feeds.sample!.shape[0]!, feeds.encoder_hidden_states!.shape[0]!])
            return session.run(feeds, outputs)
          }
          return { ...session, run, dispose: () => session.dispose() }
        },
      },
    })
    const twice = tensor('float32', Float32Array.of(...sample.data, ...sample.data), [4, 4, 5, 7])
    const contexts = exampleTensor([4, 3, 6], 0.7)
    const times = float32([500, 3, 500, 3])
    const { out_sample } = await spied.forward(twice, times, contexts)
    expectClose(await spied.run(twice, times, contexts), out_sample!, 1e-6, 'shared')
    await spied.run(twice, float32([500, 3, 500, 4]), contexts)
    await spied.run(exampleTensor([4, 4, 5, 7]), times, contexts)
    expect(fed).toEqual([4, 2, 4, 4].map(samples => [samples, 4]))
    await spied.dispose()
  })

  it('takes half-precision inputs', async () => {
    const half = (t: Tensor<'float32'>) => tensor('float16', float32ToFloat16(t.data), t.shape)
    const wide = (t: Tensor) => tensor('float32', toFloat32(t), t.shape)
    const [x, c] = [half(sample), half(context)]
    expect((await unet.run(x, 500, c)).data).toEqual((await unet.run(wide(x), 500, wide(c))).data)
  })

  it.each([
    [1, 1],
    [1, 2],
    [3, 16],
    [9, 8],
  ])('runs %i x %i latents', async (height, width) => {
    const y = await unet.run(exampleTensor([1, 4, height, width]), 7, exampleTensor([1, 1, 6]))
    expect(y.shape).toEqual([1, 3, height, width])
  })

  it.each([
    ['sample', zeros('float32', [2, 3, 8, 8]), 1, context, '[batch, 4, height, width] is needed, found [2,3,8,8]'],
    ['sample', zeros('float32', [4, 8, 8]), 1, context, 'found [4,8,8]'],
    ['sample', zeros('float32', [2, 4, 0, 8]), 1, context, 'found [2,4,0,8]'],
    ['sample', zeros('uint8', [2, 4, 8, 8]), 1, context, 'uint8'],
    ['sample', { dtype: 'float32', shape: [2, 4, 8, 8], data: new Float32Array(9) }, 1, context, '9 values'],
    ['encoderHiddenStates', sample, 1, zeros('float32', [2, 3, 1024]), '[2, tokens, 6] is needed, found [2,3,1024]'],
    ['encoderHiddenStates', sample, 1, zeros('float32', [1, 3, 6]), 'found [1,3,6]'],
    ['encoderHiddenStates', sample, 1, zeros('float32', [2, 0, 6]), 'found [2,0,6]'],
    ['timestep', sample, int64([1, 2, 3]), context, 'found 3 numbers'],
    ['timestep', sample, int64([1, 2], [2, 1]), context, 'found 2 dimensions'],
  ] as [string, Tensor, number | Tensor, Tensor, string][])(
    'refuses a wrong %s: %#',
    async (argument, x, t, c, found) => {
      await expect(unet.run(x, t, c)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument,
        message: expect.stringContaining(found),
      })
    },
  )

  it('refuses what is not a number, naming where', async () => {
    const broken = (t: Tensor<'float32'>) => tensor('float32', t.data.with(9, Number.NaN), t.shape)
    const fails = (run: Promise<unknown>, message: string) =>
      expect(run).rejects.toMatchObject({ code: 'NON_FINITE', message: expect.stringContaining(message) })
    await fails(unet.run(broken(sample), 1, context), 'sample: value 9 is NaN')
    await fails(unet.run(sample, 1, broken(context)), 'encoderHiddenStates: value 9 is NaN')
    await fails(unet.run(sample, Number.POSITIVE_INFINITY, context), 'timestep: value 0 is Infinity')
  })

  it('stops before it starts when aborted', async () => {
    await expect(unet.run(sample, 1, context, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    await expect(load({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('weights', () => {
  const sample = exampleTensor([1, 4, 4, 6])
  const context = exampleTensor([1, 3, 6])
  const resultOf = async (options: Parameters<typeof load>[0]) => {
    const unet = await load(options)
    const out = await unet.run(sample, 10, context)
    await unet.dispose()
    return out
  }

  it.each([
    ['float16', (v: Float32Array) => float32ToFloat16(v)],
    [
      'bfloat16',
      (v: Float32Array) => Uint16Array.from(new Uint32Array(v.buffer, v.byteOffset, v.length), b => b >>> 16),
    ],
  ] as const)('may be %s, widened at loading or at each run', async (dtype, narrowed) => {
    const narrow = new Map([...tensors].map(([key, t]) => [key, tensor(dtype, narrowed(t.data), t.shape)]))
    const wide = new Map([...narrow].map(([key, t]) => [key, tensor('float32', toFloat32(t), t.shape)]))
    const expected = await resultOf({ tensors: wide })
    expectClose(await resultOf({ tensors: narrow }), expected, 1e-5, dtype)
    expectClose(await resultOf({ tensors: narrow, keepHalf: true }), expected, 1e-5, `${dtype} kept`)
  })

  it('project by 1 x 1 convolutions as by linear layers', async () => {
    const convolutions = new Map(
      [...tensors].map(([key, t]) => [
        key,
        /proj_(in|out)\.weight$/.test(key) ? tensor('float32', t.data, [...t.shape, 1, 1]) : t,
      ]),
    )
    const asConvolutions = await resultOf({
      tensors: convolutions,
      config: { ...config, use_linear_projection: false },
    })
    expectClose(asConvolutions, await resultOf({}), 1e-5, 'out')
  })

  it('that are not numbers give an error, not a picture', async () => {
    for (const key of ['conv_in.weight', 'time_embedding.linear_1.bias', 'up_blocks.1.attentions.0.proj_out.bias']) {
      const damaged = new Map(tensors)
      const t = tensors.get(key)!
      damaged.set(key, tensor('float32', t.data.with(0, Number.NaN), t.shape))
      await expect(resultOf({ tensors: damaged }), key).rejects.toMatchObject({ code: 'NON_FINITE' })
    }
  })

  it('are named when they are missing or unknown, other prefixes left alone', async () => {
    const prefixed = new Map([...tensors].map(([key, t]): [string, Tensor] => [`unet.${key}`, t]))
    prefixed.set('llm.x', zeros('float32', [1]))
    const expected = await resultOf({})
    expect((await resultOf({ tensors: prefixed, prefix: 'unet.' })).data).toEqual(expected.data)
    prefixed.set('unet.extra', zeros('float32', [1]))
    await expect(resultOf({ tensors: prefixed, prefix: 'unet.' })).rejects.toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: ['unet.extra'],
    })
    const ignored = [{ pattern: /extra/, reason: 'for this test' }]
    expect((await resultOf({ tensors: prefixed, prefix: 'unet.', ignored })).data).toEqual(expected.data)
    prefixed.delete('unet.conv_out.bias')
    await expect(resultOf({ tensors: prefixed, prefix: 'unet.' })).rejects.toMatchObject({
      code: 'MISSING_KEY',
      keys: ['unet.conv_out.bias'],
    })
  })
})

it('shows intermediates by their paths, and says so when it was disposed', async () => {
  const unet = await load({ intermediates: true })
  const inputs = [exampleTensor([1, 4, 4, 4]), 3, exampleTensor([1, 2, 6])] as const
  const outputs = await unet.forward(...inputs)
  expect(outputs['down_blocks.1.attentions.0.transformer_blocks.0.attn2']?.shape).toEqual([1, 4, 12])
  expect(outputs.mid_block?.shape).toEqual([1, 12, 2, 2])
  expectClose(outputs.out_sample, await unet.run(...inputs), 1e-6, 'out')
  await unet.dispose()
  await unet.dispose()
  await expect(unet.run(...inputs)).rejects.toMatchObject({ code: 'DISPOSED' })
})
