import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { float16ToFloat32, float32ToFloat16 } from '../float16.js'
import { float32, tensor } from '../tensor.js'
import { dequantize, memorySink, memoryWeights, openSafetensors, SafetensorsWriter } from '../weights/index.js'
import { divergence, mean, quantile, weightErrors, weightPlace } from './index.js'

describe('statistics', () => {
  it('are those of NumPy', () => {
    // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0, .25, .5, .9, 1])
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    const found = [0, 0.25, 0.5, 0.9, 1].map(share => quantile(values, share))
    for (const [i, expected] of [1, 1.75, 3.5, 6.9, 9].entries()) expect(found[i]).toBeCloseTo(expected, 12)
    expect(mean(values)).toBe(3.875)
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe('divergence of logits', () => {
  it('is what the definition gives', () => {
    // p = [.5, .3, .2], q = [.4, .4, .2]: sum p ln(p/q), by hand
    const p = [0.5, 0.3, 0.2].map(Math.log)
    const q = [0.4, 0.4, 0.2].map(Math.log)
    const expected = 0.5 * Math.log(0.5 / 0.4) + 0.3 * Math.log(0.3 / 0.4)
    expect(divergence(p, q).kl).toBeCloseTo(expected, 12)
    // Logits are known up to a constant.
    expect(
      divergence(
        p.map(v => v + 100),
        q.map(v => v - 40),
      ).kl,
    ).toBeCloseTo(expected, 10)
    expect(divergence(p, p)).toEqual({ kl: 0, agrees: true })
  })

  it('tells whether the likeliest token is the same, the first of equals', () => {
    expect(divergence([1, 3, 2], [0, 1, 2]).agrees).toBe(false)
    expect(divergence([1, 3, 3], [0, 2, 1]).agrees).toBe(true)
    expect(divergence([1, 3, 9], [3, 4, 0], 2).agrees).toBe(true)
  })

  it('bears what is impossible in both, and large logits', () => {
    const gone = Number.NEGATIVE_INFINITY
    expect(divergence([0, gone, 0], [0, -3, 0]).kl).toBeGreaterThan(0)
    expect(divergence([900, 0], [880, 0]).kl).toBeCloseTo(0, 6)
    expect(() => divergence([1, 2], [1])).toThrow(/logits/)
  })
})

describe('where a weight is', () => {
  it.each([
    ['llm.encoder.layers.12.self_att.self_attention.project_q.weight', 'llm.encoder', 12, 'project_q'],
    ['llm.encoder.layers.0.ffn.ffn.w_in.w_1.weight', 'llm.encoder', 0, 'w_1'],
    ['llm.encoder.layers.0.ffn.ffn.w_out.weight', 'llm.encoder', 0, 'w_out'],
    ['vpm.beit3.encoder.layers.3.self_attn.k_proj.A.weight', 'vpm.beit3.encoder', 3, 'k_proj.A'],
    ['vpm.beit3.encoder.layers.3.ffn.A.fc1.weight', 'vpm.beit3.encoder', 3, 'A.fc1'],
    ['unet.down_blocks.1.resnets.0.conv1.weight', 'unet.down_blocks.1', 0, 'conv1'],
    ['llm.input_embedding.weight', '', undefined, 'llm.input_embedding'],
    ['mapping.0.weight', '', undefined, 'mapping.0'],
  ])('%s', (key, part, layer, kind) => {
    expect(weightPlace(key)).toEqual({ part, kind, ...(layer !== undefined && { layer }) })
  })
})

describe('errors of weights', () => {
  const values = Float32Array.from({ length: 64 * 96 }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 13)))
  const bytes = Uint8Array.from({ length: (64 * 96) / 2 }, (_, i) => (i * 37) & 255)
  const scales = Float32Array.from({ length: 64 * 3 }, (_, i) => 0.5 + (i % 5) / 4)

  async function quantized() {
    const sink = memorySink()
    const specs = [
      { key: 'w', dtype: 'uint8' as const, shape: [64, 3, 16] },
      { key: 'w.scales', dtype: 'float32' as const, shape: [64, 3] },
      { key: 'h', dtype: 'float16' as const, shape: [96] },
      { key: 'same', dtype: 'float32' as const, shape: [2] },
    ]
    const tensors = JSON.stringify({ format: 'viscpm-blocks-1', tensors: { w: { bits: 4, block_size: 32 } } })
    const writer = new SafetensorsWriter(sink, specs, { metadata: { quantization: tensors } })
    const data: Record<string, ArrayBufferView> = {
      w: bytes,
      'w.scales': scales,
      h: float32ToFloat16(values.subarray(0, 96)),
      same: Float32Array.of(1, 2),
    }
    for (const key of writer.keys) await writer.write(key, data[key]!)
    await writer.finish()
    return openSafetensors(memoryBytes(sink.bytes()!, 'quantized'))
  }

  const source = memoryWeights({
    w: float32(values, [64, 96]),
    h: float32(values.slice(0, 96), [96]),
    same: float32([1, 2]),
    training: float32([0]),
  })

  /** In one go and with everything at hand, in float64. */
  function expected(was: Float32Array, is: Float32Array) {
    const errors = Array.from(was, (v, i) => is[i]! - v)
    const squares = (list: ArrayLike<number>) => Array.from(list, v => v * v).reduce((a, b) => a + b, 0)
    const largest = (list: ArrayLike<number>) => Math.max(...Array.from(list, Math.abs))
    return { relative: Math.sqrt(squares(errors) / squares(was)), largest: largest(errors) / largest(was) }
  }

  it('are those of a plain computation, tensor by tensor', async () => {
    const { tensors, kept, dropped, histogram } = await weightErrors(source, await quantized())
    expect(tensors.map(({ key }) => key).sort()).toEqual(['h', 'w'])
    expect([kept, dropped]).toEqual([1, ['training']])
    const w = tensors.find(({ key }) => key === 'w')!
    const truth = expected(values, dequantize(bytes, scales, 4, 32))
    expect(w.relative).toBeCloseTo(truth.relative, 10)
    expect(w.largest).toBeCloseTo(truth.largest, 10)
    expect(w.snr).toBeCloseTo(-20 * Math.log10(truth.relative), 8)
    expect([w.elements, w.bits]).toEqual([6144, 5]) // 4, and 32 for every 32
    const h = tensors.find(({ key }) => key === 'h')!
    const half = expected(values.subarray(0, 96), float16ToFloat32(float32ToFloat16(values.subarray(0, 96))))
    expect(h.relative).toBeCloseTo(half.relative, 12)
    expect(h.bits).toBe(16)
    const { counts, below, above } = histogram
    expect(counts.reduce((a, b) => a + b, below + above)).toBe(6144 + 96)
  })

  it('are spread as they are', async () => {
    const noisy = Float32Array.from(values, (v, i) => v + (i % 2 ? 1 : -1))
    const one = memoryWeights({ w: float32(values, [1, 6144]) })
    const other = memoryWeights({ w: tensor('float16', float32ToFloat16(noisy), [1, 6144]) })
    const { histogram } = await weightErrors(one, other)
    const unit = Math.sqrt(mean(values.map(v => v * v)))
    const width = (histogram.max - histogram.min) / histogram.counts.length
    const filled = histogram.counts.flatMap((n, i) => (n > 0 ? [histogram.min + (i + 0.5) * width] : []))
    for (const centre of filled) expect(Math.abs(Math.abs(centre) - 1 / unit)).toBeLessThan(2 * width)
  })

  it('are told with the key, where the models differ or hold no numbers', async () => {
    const other = await quantized()
    const turned = memoryWeights({ w: float32(values, [96, 64]) })
    await expect(weightErrors(turned, other)).rejects.toThrow(/w has shape/)
    const broken = memoryWeights({
      w: float32(
        values.map((v, i) => (i === 5 ? Number.NaN : v)),
        [64, 96],
      ),
    })
    await expect(weightErrors(broken, other)).rejects.toMatchObject({ code: 'NON_FINITE' })
  })

  it('stop when they are told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(weightErrors(source, await quantized(), { signal })).rejects.toThrow('enough')
  })
})
