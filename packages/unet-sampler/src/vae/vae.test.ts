import { type Backend, type Tensor, tensor, type WeightSource, zeros } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClose } from '../fixtures/compare.js'
import { findGoldens } from '../fixtures/goldens.js'
import { exampleTensor, exampleWeights } from '../fixtures/weights.js'
import { parseVaeConfig, type VaeConfig } from './config.js'
import { VaeDecoderNetwork } from './decoder.js'
import { VaeEncoderNetwork } from './encoder.js'
import { pixelsToImages } from './pixels.js'
import { samplePosterior } from './posterior.js'
import { AutoencoderKL, type VaeOptions } from './vae.js'

const backend = onnxruntimeNode()

/** Three levels: pictures are 4 times as large as latents. */
const config: VaeConfig = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  sample_size: 16,
  block_out_channels: [4, 8, 8],
  layers_per_block: 1,
  norm_num_groups: 4,
  scaling_factor: 0.25,
}
const tensors = exampleWeights(new VaeEncoderNetwork(config), new VaeDecoderNetwork(config))

function load(options: Partial<VaeOptions> & { tensors?: Map<string, Tensor> } = {}): Promise<AutoencoderKL> {
  return AutoencoderKL.load({
    weights: memoryWeights(options.tensors ?? tensors),
    config,
    backend,
    threads: 1,
    ...options,
  })
}

describe.each([
  'model_old_keys/diffusion_pytorch_model.safetensors',
  'model_old_keys/diffusion_pytorch_model.bin',
  'model_new_keys/diffusion_pytorch_model.safetensors',
])('as recorded from diffusers: %s', file => {
  const configFile = file.replace(/[^/]+$/, 'config.json')
  const goldens = findGoldens('vae', 'cases.safetensors', file, configFile)
  if (!goldens) return it.skip('is not at hand', () => {})

  let weights: WeightSource
  let recorded: WeightSource
  let vae: AutoencoderKL
  const names = (ending: string) => {
    const found = recorded.keys().filter(key => key.endsWith(ending))
    expect(found.length).toBeGreaterThan(0)
    return found.map(key => key.slice(0, -ending.length))
  }
  beforeAll(async () => {
    weights = await goldens.open(file)
    recorded = await goldens.open('cases.safetensors')
    vae = await load({ weights, config: parseVaeConfig(goldens.json(configFile)) })
  })
  afterAll(async () => {
    await vae.dispose()
    await weights.close()
    await recorded.close()
  })

  it('encodes', async () => {
    for (const name of names('/pixels')) {
      const posterior = await vae.encode(await recorded.read(`${name}/pixels`))
      expectClose(posterior.mean, await recorded.read(`${name}/mean`), 5e-5, `${name} mean`)
      expectClose(posterior.logvar, await recorded.read(`${name}/logvar`), 5e-5, `${name} logvar`)
    }
  })

  it('decodes to the same bytes', async () => {
    for (const name of names('/decoded')) {
      const decoded = await vae.decodeLatents(await recorded.read(`${name}/latents_scaled`))
      expectClose(decoded, await recorded.read(`${name}/decoded`), 5e-5, name)
      const bytes = pixelsToImages(decoded).flatMap(image => [...image.data])
      const expected = (await recorded.read(`${name}/image_u8_nhwc`)).data as Uint8Array
      expect(bytes.length).toBe(expected.length)
      const off = bytes.filter((byte, i) => byte !== expected[i])
      expect(bytes.every((byte, i) => Math.abs(byte - expected[i]!) <= 1)).toBe(true)
      expect(off.length / bytes.length).toBeLessThanOrEqual(0.005)
    }
  })
})

describe('encode', () => {
  let vae: AutoencoderKL
  beforeAll(async () => {
    vae = await load()
  })
  afterAll(() => vae.dispose())

  it('gives a distribution per picture; latents are a scaled draw of it', async () => {
    const pixels = exampleTensor([2, 3, 9, 14])
    const { mean, logvar } = await vae.encode(pixels)
    expect([mean.shape, logvar.shape]).toEqual([
      [2, 4, 2, 3],
      [2, 4, 2, 3],
    ])
    const noise = exampleTensor([2, 4, 2, 3], 1.7)
    const draw = samplePosterior({ mean, logvar }, noise)
    draw.data.forEach((v, i) => {
      expect(v).toBeCloseTo(mean.data[i]! + Math.exp(logvar.data[i]! / 2) * noise.data[i]!, 5)
    })
    const latents = await vae.encodeLatents(pixels, noise)
    expect(latents.data).toEqual(draw.data.map(v => v * 0.25))
    expect((await vae.encodeLatents(pixels)).data).toEqual(mean.data.map(v => v * 0.25))
    const second = await vae.encode(tensor('float32', pixels.data.slice(3 * 9 * 14), [1, 3, 9, 14]))
    expect(second.mean.data).toEqual(mean.data.slice(mean.data.length / 2))
  })

  it('keeps the logarithm of the variance in -30..20', async () => {
    const extreme = new Map<string, Tensor>(tensors)
    const bias = tensor('float32', Float32Array.from([0, 0, 0, 0, -99, 99, 1, 2]), [8])
    extreme.set('quant_conv.weight', zeros('float32', [8, 8, 1, 1])).set('quant_conv.bias', bias)
    const clipped = await load({ tensors: extreme, parts: ['encoder'] })
    const { logvar } = await clipped.encode(exampleTensor([1, 3, 4, 4]))
    expect(Array.from(logvar.data)).toEqual([-30, 20, 1, 2])
    await clipped.dispose()
  })

  it.each([
    ['pixels', zeros('float32', [1, 4, 8, 8]), '[batch, 3, height, width] is needed, found [1,4,8,8]'],
    ['pixels', zeros('float32', [1, 8, 8, 3]), 'found [1,8,8,3]'],
    ['pixels', zeros('uint8', [1, 3, 8, 8]), 'uint8'],
    ['pixels', zeros('float32', [1, 3, 3, 8]), 'at least 4 x 4 pixels are needed, found 8 x 3'],
  ] as [string, Tensor, string][])('refuses other %s: %#', async (argument, pixels, message) => {
    const error = { code: 'INVALID_ARGUMENT', argument, message: expect.stringContaining(message) }
    await expect(vae.encode(pixels)).rejects.toMatchObject(error)
  })

  it('refuses noise of another shape, and pixels that are not numbers', async () => {
    const pixels = exampleTensor([1, 3, 8, 8])
    await expect(vae.encodeLatents(pixels, zeros('float32', [1, 4, 8, 8]))).rejects.toMatchObject({ argument: 'noise' })
    pixels.data[5] = Number.NEGATIVE_INFINITY
    await expect(vae.encode(pixels)).rejects.toMatchObject({ code: 'NON_FINITE' })
  })
})

describe('decode', () => {
  let vae: AutoencoderKL
  beforeAll(async () => {
    vae = await load({ parts: ['decoder'] })
  })
  afterAll(() => vae.dispose())

  it('decodes each picture of a batch by itself; latents are scaled back first', async () => {
    const z = exampleTensor([3, 4, 5, 2])
    const seen: unknown[] = []
    const decoded = await vae.decode(z, { onProgress: ({ done, total }) => seen.push([done, total]) })
    expect(decoded.shape).toEqual([3, 3, 20, 8])
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    const last = await vae.decode(tensor('float32', z.data.slice(80), [1, 4, 5, 2]))
    expect(last.data).toEqual(decoded.data.slice(2 * 480))
    const scaled = tensor(
      'float32',
      z.data.map(v => v * 0.25),
      z.shape,
    )
    expect((await vae.decodeLatents(scaled)).data).toEqual(decoded.data)
  })

  it('decodes in tiles: near the whole, exact where one tile is enough, never more than a tile at once', async () => {
    const sizes: number[] = []
    const watching: Backend = {
      name: 'watching',
      async createSession(graph, options) {
        const session = await backend.createSession(graph, options)
        return {
          ...session,
          run: (feeds, outputs) => {
            sizes.push(...feeds.latents!.shape.slice(2))
            return session.run(feeds, outputs)
          },
          dispose: () => session.dispose(),
        }
      },
    }
    const watched = await load({ backend: watching, parts: ['decoder'] })
    const z = exampleTensor([2, 4, 20, 11], 0.05)
    const progress: unknown[] = []
    const tiled = await watched.decode(z, { tileSize: 8, onProgress: p => progress.push([p.done, p.total]) })
    expect(progress.at(-1)).toEqual([12, 12])
    expect(progress).toHaveLength(12)
    expect(Math.max(...sizes)).toBe(8)
    const whole = await vae.decode(z)
    expect(tiled.shape).toEqual(whole.shape)
    const differences = tiled.data.map((v, i) => Math.abs(v - whole.data[i]!))
    const spread = Math.sqrt(whole.data.reduce((sum, v) => sum + v * v, 0) / whole.data.length)
    expect(differences.reduce((sum, v) => sum + v, 0) / differences.length).toBeLessThan(spread / 2)
    expect((await watched.decode(z, { tileSize: 20 })).data).toEqual(whole.data)
    await watched.dispose()
  })

  it('stops between pictures and tiles when aborted, and stays usable', async () => {
    const reason = new Error('enough')
    const stopAfter = (count: number) => {
      const controller = new AbortController()
      let steps = 0
      const onProgress = () => {
        if (++steps === count) controller.abort(reason)
      }
      return { signal: controller.signal, onProgress, steps: () => steps }
    }
    const [z, pictures, tiles] = [exampleTensor([3, 4, 9, 9]), stopAfter(2), stopAfter(5)]
    await expect(vae.decode(z, pictures)).rejects.toBe(reason)
    expect(pictures.steps()).toBe(2)
    await expect(vae.decode(z, { ...tiles, tileSize: 8 })).rejects.toBe(reason)
    expect(tiles.steps()).toBe(5)
    expect((await vae.decode(z)).shape).toEqual([3, 3, 36, 36])
  })

  it.each([
    ['latents', zeros('float32', [1, 3, 8, 8]), {}, '[batch, 4, height, width] is needed, found [1,3,8,8]'],
    ['latents', zeros('int32', [1, 4, 8, 8]), {}, 'int32'],
    ['tileSize', zeros('float32', [1, 4, 8, 8]), { tileSize: 7 }, 'at least 8 latent pixels is needed, found 7'],
    ['tileSize', zeros('float32', [1, 4, 8, 8]), { tileSize: 8.5 }, 'found 8.5'],
    ['tileSize', zeros('float32', [1, 4, 8, 8]), { tileSize: Number.NaN }, 'found NaN'],
  ] as [string, Tensor, object, string][])('refuses a wrong %s: %#', async (argument, z, options, message) => {
    const error = { code: 'INVALID_ARGUMENT', argument, message: expect.stringContaining(message) }
    await expect(vae.decode(z, options)).rejects.toMatchObject(error)
    await expect(vae.decodeLatents(z, options)).rejects.toMatchObject(error)
  })

  it('refuses latents that are not numbers, and weights that are not', async () => {
    const z = exampleTensor([1, 4, 4, 4])
    const damaged = new Map(tensors)
    const t = tensors.get('decoder.conv_out.bias')!
    damaged.set('decoder.conv_out.bias', tensor('float32', t.data.with(0, Number.NaN), t.shape))
    const broken = await load({ tensors: damaged, parts: ['decoder'] })
    await expect(broken.decode(z)).rejects.toMatchObject({ code: 'NON_FINITE' })
    await broken.dispose()
    z.data[3] = Number.NaN
    await expect(vae.decode(z)).rejects.toMatchObject({ message: 'latents: value 3 is NaN' })
  })
})

describe('load', () => {
  it('needs the keys of the parts asked for only, under their prefix', async () => {
    const ofDecoder = [...tensors].filter(([key]) => /^(decoder|post_quant_conv)/.test(key))
    const prefixed = new Map(ofDecoder.map(([key, t]): [string, Tensor] => [`vae.${key}`, t]))
    prefixed.set('unet.x', zeros('float32', [1]))
    const vae = await load({ tensors: prefixed, prefix: 'vae.', parts: ['decoder'] })
    expect((await vae.decode(exampleTensor([1, 4, 2, 2]))).shape).toEqual([1, 3, 8, 8])
    await expect(vae.encode(exampleTensor([1, 3, 8, 8]))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: "parts: the VAE's encoder was not loaded",
    })
    await vae.dispose()
    await vae.dispose()
    await expect(vae.decode(exampleTensor([1, 4, 2, 2]))).rejects.toMatchObject({ code: 'DISPOSED' })
    await expect(load({ tensors: prefixed, prefix: 'vae.' })).rejects.toMatchObject({ code: 'MISSING_KEY' })
  })

  it('takes the old spelling, with 1 x 1 convolutions', async () => {
    const names = { to_q: 'query', to_k: 'key', to_v: 'value', 'to_out.0': 'proj_attn' }
    const old = new Map<string, Tensor>()
    for (const [key, t] of tensors) {
      const name = Object.entries(names).find(([name]) => key.includes(`attentions.0.${name}.`))
      const shape = name && t.shape.length === 2 ? [...t.shape, 1, 1] : t.shape
      old.set(name ? key.replace(name[0], name[1]) : key, tensor('float32', t.data, shape))
    }
    const [ofOld, ofNew] = [await load({ tensors: old }), await load()]
    const z = exampleTensor([1, 4, 3, 3])
    expect((await ofOld.decode(z)).data).toEqual((await ofNew.decode(z)).data)
    const pixels = exampleTensor([1, 3, 8, 8])
    expect((await ofOld.encode(pixels)).mean.data).toEqual((await ofNew.encode(pixels)).mean.data)
    for (const vae of [ofOld, ofNew]) await vae.dispose()
  })

  it('frees the first part when the second cannot be made, and does nothing when aborted', async () => {
    let open = 0
    const failing: Backend = {
      name: 'failing',
      async createSession(graph, options) {
        if (graph.name === 'vae-decoder') throw new Error('no memory')
        const session = await backend.createSession(graph, options)
        open++
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          run: (feeds, outputs) => session.run(feeds, outputs),
          dispose: async () => {
            open--
            await session.dispose()
          },
        }
      },
    }
    await expect(load({ backend: failing })).rejects.toThrow('no memory')
    expect(open).toBe(0)
    await expect(load({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

it('computes in float32 also where half weights stay half on a GPU, and refuses anything else', async () => {
  const asked: unknown[] = []
  const spy: Backend = {
    name: 'looking',
    createSession: (graph, options) => {
      asked.push(options?.computeDtype)
      return backend.createSession(graph, options)
    },
  }
  const vae = await load({ backend: spy, keepHalf: true })
  await vae.dispose()
  expect(asked).toEqual(['float32', 'float32'])
  await expect(load({ backend: spy, computeDtype: 'float16' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    argument: 'computeDtype',
  })
  expect(asked.length).toBe(2)
})
