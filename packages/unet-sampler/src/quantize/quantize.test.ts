import { type Tensor, tensor, toFloat32, type WeightSource } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memorySink, memoryWeights } from '@viscpm/core/weights'
import { beforeAll, describe, expect, it } from 'vitest'
import { exampleTensor, exampleWeights } from '../fixtures/weights.js'
import type { UNetConfig } from '../unet/config.js'
import { UNetNetwork } from '../unet/network.js'
import { UNet2DConditionModel } from '../unet/unet.js'
import { sdVaeConfig } from '../vae/config.js'
import { VaeDecoderNetwork } from '../vae/decoder.js'
import { AutoencoderKL } from '../vae/vae.js'
import { calibrateUNet, calibrateVaeDecoder, type UNetCase } from './calibrate.js'
import { channelScales, quantizeChannels } from './channels.js'
import type { LayerRanges } from './recorder.js'
import { quantizedWeights, writeQuantized } from './write.js'

const backend = onnxruntimeNode()
const config: UNetConfig = {
  in_channels: 4,
  out_channels: 4,
  sample_size: 8,
  block_out_channels: [16, 32],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  norm_num_groups: 4,
  norm_eps: 1e-5,
  cross_attention_dim: 12,
  attention_head_dim: [2, 4],
  use_linear_projection: true,
  flip_sin_to_cos: true,
  freq_shift: 0,
}
const weights = memoryWeights(exampleWeights(new UNetNetwork(config)))
const options = { weights, config, backend, threads: 1 }
const caseAt = (timestep: number): UNetCase => ({
  sample: exampleTensor([2, 4, 8, 8], 0.3 + timestep / 1000),
  timestep,
  encoderHiddenStates: exampleTensor([2, 5, 12], 0.9),
})

/** Root mean square of a, and of a - b over it. */
function relative(a: Tensor, b: Tensor): number {
  const [x, y] = [toFloat32(a), toFloat32(b)]
  let [apart, size] = [0, 0]
  x.forEach((v, i) => {
    apart += (v - y[i]!) ** 2
    size += v ** 2
  })
  return Math.sqrt(apart / size)
}

async function predicted(source: WeightSource): Promise<Tensor> {
  const unet = await UNet2DConditionModel.load({ ...options, weights: source })
  const { sample, timestep, encoderHiddenStates } = caseAt(500)
  const out = await unet.run(sample, timestep, encoderHiddenStates)
  await unet.dispose()
  return out
}

describe('a UNet', () => {
  let ranges: LayerRanges
  beforeAll(async () => {
    ranges = await calibrateUNet({ ...options, cases: [caseAt(900), caseAt(500), caseAt(100)] })
  })

  it('has ranges of all layers but those that stay float32', () => {
    const keys = [...new UNetNetwork(config).namedParameters()]
      .filter(([, p]) => p.shape.length > 1)
      .map(([key]) => key)
    const kept = /^(conv_in|conv_out|time_embedding)\.|time_emb_proj/
    expect([...ranges.keys()].sort()).toEqual(keys.filter(key => !kept.test(key)).sort())
    for (const { input, output } of ranges.values())
      for (const [min, max] of [input, output]) expect(min <= 0 && max >= 0 && min < max).toBe(true)
  })

  it('has the ranges that its layers really have', async () => {
    // The context is the input of one layer, and known.
    const { input } = ranges.get('down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight')!
    const { data } = caseAt(0).encoderHiddenStates
    expect(input).toEqual([Math.min(...(data as Float32Array)), Math.max(...(data as Float32Array))])
  })

  it('predicts nearly, but not exactly, the same with int8', async () => {
    const int8 = await quantizedWeights({ weights, ranges })
    const [exact, near] = [await predicted(weights), await predicted(int8)]
    const apart = relative(exact, near)
    expect(apart).toBeGreaterThan(1e-4)
    expect(apart).toBeLessThan(0.06)
  })

  it('keeps its keys and shapes through the file, int8 where it was calibrated', async () => {
    const int8 = await quantizedWeights({ weights, ranges })
    expect([...int8.keys()].sort()).toEqual([...weights.keys()].sort())
    for (const key of weights.keys()) {
      const [before, after] = [weights.info(key), int8.info(key)]
      expect(after.shape).toEqual(before.shape)
      expect(after.dtype).toBe(ranges.has(key) ? 'int8' : 'float32')
      const scales = ranges.has(key) ? channelScales(key, await weights.read(key)).data : undefined
      const size = before.nbytes / 4 / before.shape[0]!
      const [v, w] = [await weights.read(key), await int8.read(key)].map(toFloat32) as [Float32Array, Float32Array]
      const worst = v.reduce((most, value, i) => {
        const step = scales ? scales[Math.floor(i / size)]! : 0
        return Math.max(most, Math.abs(value - w[i]!) - step * 0.501)
      }, 0)
      expect(worst).toBeLessThanOrEqual(1e-7)
    }
    // Written again, it is the same file.
    const [first, again] = [memorySink(), memorySink()]
    await writeQuantized(first, { weights, ranges })
    await writeQuantized(again, { weights: int8, ranges: new Map() })
    expect(new Set(again.bytes()!)).toEqual(new Set(first.bytes()!))
    expect(again.bytes()!.length).toBe(first.bytes()!.length)
    expect(await predicted(await quantizedWeights({ weights: int8, ranges: new Map() }))).toEqual(await predicted(int8))
  })

  it('takes narrower ranges by percentile', async () => {
    const cut = await calibrateUNet({
      ...options,
      method: 'percentile',
      percentile: 0.95,
      cases: [caseAt(900), caseAt(500), caseAt(100)],
    })
    let narrower = 0
    for (const [key, { input, output }] of cut)
      for (const [[min, max], name] of [
        [input, 'input'],
        [output, 'output'],
      ] as const) {
        const [least, most] = ranges.get(key)![name]
        expect(min).toBeGreaterThanOrEqual(least)
        expect(max).toBeLessThanOrEqual(most)
        if (max - min < 0.9 * (most - least)) narrower++
      }
    expect(narrower).toBeGreaterThan(cut.size)
  })

  it('leaves out what it is told to keep', async () => {
    const some = await calibrateUNet({ ...options, keep: [/attn/, /conv/], cases: [caseAt(100)] })
    expect([...some.keys()].some(key => /attn|conv/.test(key))).toBe(false)
    expect(some.size).toBeGreaterThan(0)
  })

  it('refuses to calibrate with nothing, by nonsense, and for nothing', async () => {
    await expect(calibrateUNet({ ...options, cases: [] })).rejects.toMatchObject({ argument: 'cases' })
    await expect(calibrateUNet({ ...options, percentile: 2, cases: [caseAt(1)] })).rejects.toMatchObject({
      argument: 'percentile',
    })
    const stray = new Map([['no.such.weight', ranges.values().next().value!]])
    await expect(quantizedWeights({ weights, ranges: stray })).rejects.toMatchObject({
      code: 'MISSING_KEY',
      keys: ['no.such.weight'],
    })
    const int8 = await quantizedWeights({ weights, ranges })
    await expect(quantizedWeights({ weights: int8, ranges })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const signal = AbortSignal.abort(new Error('enough'))
    const sink = memorySink()
    await expect(writeQuantized(sink, { weights, ranges, signal })).rejects.toThrow('enough')
    expect(sink.bytes()).toBeUndefined()
    await expect(calibrateUNet({ ...options, signal, cases: [caseAt(1)] })).rejects.toThrow('enough')
  })
})

describe("a VAE's decoder", () => {
  const vae = { ...sdVaeConfig, block_out_channels: [8, 16], layers_per_block: 1, norm_num_groups: 4 }

  it('decodes nearly the same with int8', async () => {
    const source = memoryWeights(exampleWeights(new VaeDecoderNetwork(vae)))
    const common = { config: vae, backend, threads: 1, parts: ['decoder'] as const }
    const latents = exampleTensor([1, 4, 6, 6])
    const ranges = await calibrateVaeDecoder({ ...common, weights: source, latents: [latents] })
    expect([...ranges.keys()].some(key => /conv_in|conv_out|post_quant/.test(key))).toBe(false)
    const decoded = async (weights: WeightSource) => {
      const model = await AutoencoderKL.load({ ...common, weights })
      const pixels = await model.decodeLatents(latents)
      await model.dispose()
      return pixels
    }
    const apart = relative(await decoded(source), await decoded(await quantizedWeights({ weights: source, ranges })))
    expect(apart).toBeGreaterThan(1e-4)
    expect(apart).toBeLessThan(0.06)
  })
})

describe('quantizeChannels', () => {
  it('rounds each channel to 127 steps of its own', () => {
    const w = tensor('float32', Float32Array.of(1, -0.499, 0.1, 200, 0, -99), [2, 3])
    const { weight, scales } = quantizeChannels('w', w)
    expect([...weight.data]).toEqual([127, -63, 13, 127, 0, -63])
    expect(scales.data[0]).toBeCloseTo(1 / 127, 8)
    expect(scales.data[1]).toBeCloseTo(200 / 127, 5)
  })

  it('has a scale for zeros, and one that an int32 bias fits', () => {
    const w = tensor('float32', Float32Array.of(0, 0, 1e-12, 0), [2, 2])
    const bias = { values: tensor('float32', Float32Array.of(3, 3), [2]), inputScale: 0.01 }
    const { weight, scales } = quantizeChannels('w', w, bias)
    expect(weight.data.every(q => Math.abs(q) <= 127)).toBe(true)
    for (const scale of scales.data) expect(3 / (scale * 0.01)).toBeLessThan(2 ** 31)
    expect(channelScales('w', w).data[0]).toBe(1)
  })

  it('names the weight that is no number', () => {
    const w = tensor('float32', Float32Array.of(1, Number.NaN), [1, 2])
    expect(() => quantizeChannels('layer.weight', w)).toThrow(/layer\.weight holds NaN/)
  })
})
