import { type Tensor, tensor, toFloat32, type WeightSource, zeros } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { config, open } from './fixtures/load.js'
import { buildQFormerGraph } from './model/graph.js'
import { QFormer, type QFormerOptions } from './qformer.js'

/** Of the goldens; they were recorded from another float32 implementation. */
const tolerance = 1e-4
const backend = onnxruntimeNode()

function expectClose(actual: Tensor, expected: Tensor, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape)
  const [a, b] = [toFloat32(actual), toFloat32(expected)]
  let worst = 0
  for (let i = 0; i < b.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= worst)) worst = Math.abs(a[i]! - b[i]!)
  expect(worst, what).toBeLessThanOrEqual(tolerance)
}

function load(weights: WeightSource, options: Partial<QFormerOptions> = {}): Promise<QFormer> {
  return QFormer.load({ weights, config: config('qformer-b'), backend, threads: 1, ...options })
}

describe.each([
  ['qformer-b', 'qformer-b.fp32.pt', {}],
  ['qformer-b', 'qformer-b.fp16.bin', {}],
  ['qformer-b', 'qformer-b.fp16.bin', { keepHalf: true }],
  ['chat-tiny', 'chat-tiny.fp32.legacy.pt.gz', {}],
] as const)('%s from %s %o', (model, file, options) => {
  let weights: WeightSource
  let recorded: WeightSource
  beforeAll(async () => {
    weights = await open(file)
    recorded = await open(`${model}.safetensors`)
  })
  afterAll(async () => {
    await weights.close()
    await recorded.close()
  })

  it('gives the recorded states, and every recorded intermediate', async () => {
    const modelConfig = config(model)
    const fast = await load(weights, { config: modelConfig, ...options })
    const full = await load(weights, { config: modelConfig, ...options, intermediates: true })
    const alone = await load(weights, { config: modelConfig, ...options, withoutQueries: true })
    for (const pixelsKey of recorded.keys().filter(key => key.endsWith('.pixel_values'))) {
      const input = pixelsKey.split('.')[0]!
      const pixels = await recorded.read(pixelsKey)
      expectClose(await fast.encode(pixels), await recorded.read(`${input}.vision_hidden_states`), `${input} fast`)
      expectClose(await alone.encode(pixels), await recorded.read(`${input}.no_query.encoder_out`), `${input} alone`)
      const outputs = await full.forward(pixels)
      const recordedHere = recorded.keys().filter(key => key.startsWith(`${input}.`) && key !== pixelsKey)
      for (const key of recordedHere.filter(key => !key.includes('.no_query.'))) {
        const output = outputs[key.slice(input.length + 1).replace('_hbtt', '')]
        expect(output, key).toBeDefined()
        expectClose(output!, await recorded.read(key), key)
      }
    }
    for (const loaded of [fast, full, alone]) await loaded.dispose()
  })
})

describe('encode', () => {
  let weights: WeightSource
  let qformer: QFormer
  let pixels: Tensor
  let states: Tensor
  beforeAll(async () => {
    weights = await open('qformer-b.fp32.pt')
    qformer = await load(weights)
    const recorded = await open('qformer-b.safetensors')
    pixels = await recorded.read('b2.pixel_values')
    states = await recorded.read('b2.vision_hidden_states')
    await recorded.close()
  })
  afterAll(async () => {
    await qformer.dispose()
    await weights.close()
  })

  /** `count` pictures, the two recorded ones in turn. */
  function pictures(count: number): Float32Array {
    const size = pixels.data.length / 2
    const out = new Float32Array(count * size)
    for (let i = 0; i < count; i++)
      out.set((pixels.data as Float32Array).subarray((i % 2) * size, ((i % 2) + 1) * size), i * size)
    return out
  }
  const halves = () => [0, 1].map(i => (states.data as Float32Array).subarray(i * 160, (i + 1) * 160))

  it('takes flat pixels, and any number of pictures, in parts', async () => {
    const progress: (readonly [number, number | undefined])[] = []
    const all = await qformer.encode(pictures(151), { onProgress: p => progress.push([p.done, p.total]) })
    expect(all.shape).toEqual([151, 5, 32])
    const expected = halves()
    for (let i = 0; i < 151; i++)
      expectClose(
        tensor('float32', all.data.subarray(i * 160, (i + 1) * 160), [160]),
        tensor('float32', expected[i % 2]!, [160]),
        `picture ${i}`,
      )
    expect(progress.length).toBeGreaterThan(1)
    expect(progress.at(-1)).toEqual([151, 151])
  })

  it('keeps calls at the same time apart', async () => {
    const size = pixels.data.length / 2
    const [a, b] = [0, 1].map(i => (pixels.data as Float32Array).slice(i * size, (i + 1) * size))
    const results = await Promise.all([a!, b!, a!, b!].map(p => qformer.encode(p)))
    const expected = halves()
    results.forEach((r, i) => {
      expectClose(r, tensor('float32', expected[i % 2]!, [1, 5, 32]), `call ${i}`)
    })
  })

  it('stops between parts when aborted, and stays usable', async () => {
    const reason = new Error('enough')
    await expect(qformer.encode(pixels, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const seen: number[] = []
    const run = qformer.encode(pictures(300), {
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done)
        controller.abort(reason)
      },
    })
    await expect(run).rejects.toBe(reason)
    expect(seen).toHaveLength(1)
    expectClose(await qformer.encode(pixels), states, 'after the abort')
  })

  it.each([
    ['another side', zeros('float32', [1, 3, 56, 56]), '[1,3,56,56]'],
    ['channels last', zeros('float32', [1, 48, 48, 3]), '[1,48,48,3]'],
    ['no batch', zeros('float32', [3, 48, 48]), '[3,48,48]'],
    ['no picture', zeros('float32', [0, 3, 48, 48]), '[0,3,48,48]'],
    ['part of a picture', new Float32Array(1000), '1000 values'],
    ['nothing', new Float32Array(0), '0 values'],
    ['a shape that is not the data', { dtype: 'float32', shape: [2, 3, 48, 48], data: new Float32Array(6912) }, '[2,3'],
    ['bytes', zeros('uint8', [1, 3, 48, 48]), 'uint8'],
  ] as [string, Float32Array | Tensor, string][])('refuses %s', async (_, input, found) => {
    await expect(qformer.encode(input)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'pixelValues',
      message: expect.stringContaining(found),
    })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s pixels', async value => {
    const bad = pictures(2)
    bad[7000] = value
    await expect(qformer.encode(bad)).rejects.toMatchObject({
      code: 'NON_FINITE',
      message: expect.stringContaining(`value 7000 is ${value}`),
    })
  })

  it('says so when it was disposed', async () => {
    const short = await load(weights)
    await short.dispose()
    await short.dispose()
    await expect(short.encode(pixels)).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  it('does not load when aborted', async () => {
    await expect(load(weights, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('gives no states from a weight that is not a number, whichever it is', async () => {
    const { graph } = await buildQFormerGraph({ weights, config: config('qformer-b') })
    const tensors = new Map<string, Tensor>()
    for (const { name } of graph.initializers) tensors.set(name, await weights.read(name))
    for (const [key, shape] of weights.keys().map(key => [key, weights.info(key).shape] as const))
      if (!tensors.has(key) && !key.startsWith('llm.')) tensors.set(key, zeros('float32', shape))
    for (const { name, shape } of graph.initializers) {
      const damaged = (await weights.read(name)) as Tensor<'float32'>
      // Row 3 of a position table is that of the second token; the first two rows are not used.
      damaged.data[name.includes('embed_positions') ? 3 * shape[1]! : 0] = Number.NaN
      const loaded = await load(memoryWeights(new Map(tensors).set(name, damaged)))
      await expect(loaded.encode(pixels), name).rejects.toMatchObject({ code: 'NON_FINITE' })
      await loaded.dispose()
    }
  })
})
