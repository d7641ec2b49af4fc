import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pickleTensors } from '../../fixtures/pickle-builder.js'
import { buildZip } from '../../fixtures/zip-builder.js'
import { activationWeightedRounding } from '../../quantize/rounding.js'
import type { Tensor } from '../../tensor.js'
import { toFloat32 } from '../../tensor.js'
import { scalesKey } from '../../weights/block-quantized.js'
import { memoryWeights } from '../../weights/memory.js'
import { writeSafetensors } from '../../weights/write.js'
import { openAtomicSink } from '../atomic.js'
import { openCheckpoint } from '../files.js'
import { failure, hashesOf, temporaryFolder, tinyModel } from './fixtures/tiny.js'
import { quantizeCheckpoint, verifyCheckpoint } from './index.js'

const folder = temporaryFolder()
const layer = 'llm.encoder.layers.1.'

/** The values that a matrix has after plain rounding, computed one by one in double precision. */
function rounded(values: Float32Array, bits: 4 | 8, blockSize: number): Float64Array {
  const half = 2 ** (bits - 1)
  const out = new Float64Array(values.length)
  for (let at = 0; at < values.length; at += blockSize) {
    const block = values.subarray(at, at + blockSize)
    let low = 0
    let high = 0
    for (const x of block) {
      low = Math.min(low, x)
      high = Math.max(high, x)
    }
    const scale = (high > -low ? high : low) / -half
    for (const [i, x] of block.entries())
      out[at + i] = scale === 0 ? 0 : Math.max(-half, Math.min(half - 1, Math.round(x / scale))) * scale
  }
  return out
}

/** The embedded model with some tensors changed, as a file in a folder of its own. */
async function changedModel(edit: (tensors: Map<string, Tensor>) => void): Promise<string> {
  const source = await openCheckpoint(tinyModel)
  const tensors = new Map<string, Tensor>()
  for (const key of source.keys()) tensors.set(key, await source.read(key))
  await source.close()
  edit(tensors)
  await mkdir(folder.in('changed'))
  await writeSafetensors(await openAtomicSink(folder.in('changed/model.safetensors')), memoryWeights(tensors))
  return folder.in('changed')
}

describe('a converted model', () => {
  it('has the values of plain rounding, block by block', async () => {
    const { manifest } = await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4', blockSize: 32 })
    const [source, target] = [await openCheckpoint(tinyModel), await openCheckpoint(folder.in('out'))]
    const quantized = manifest.tensors.filter(({ action }) => action === 'quantize')
    expect(quantized.length).toBe(4 * 7 + 1 + 6 * 12 + 2)
    for (const { key, bits, block_size, error } of quantized) {
      const { quantization } = target.info(key)
      expect(quantization).toMatchObject({ kind: 'block', bits, blockSize: block_size })
      const values = toFloat32(await source.read(key))
      const want = rounded(values, bits!, block_size!)
      const got = (await target.read(key)).data as Float32Array
      let largest = 0
      let squares = 0
      for (const [i, x] of values.entries()) {
        // A tie may go either way.
        const near =
          Math.abs(got[i]! - want[i]!) <= 1e-5 || Math.abs(Math.abs(got[i]! - x) - Math.abs(want[i]! - x)) < 1e-6
        if (!near) expect([key, i, got[i]]).toEqual([key, i, want[i]])
        largest = Math.max(largest, Math.abs(got[i]! - x))
        squares += (got[i]! - x) ** 2
      }
      expect(error!.largest).toBeCloseTo(largest, 5)
      expect(error!.rms).toBeCloseTo(Math.sqrt(squares / values.length), 6)
    }
    expect(target.info(`${layer}ffn.ffn.w_out.weight`).quantization).toMatchObject({ bits: 4, blockSize: 32 })
    expect(target.info('llm.input_embedding.weight').quantization).toMatchObject({ bits: 8, blockSize: 64 })
    await source.close()
    await target.close()
  })

  it('keeps the rest bit by bit, and leaves out what is never used', async () => {
    const { manifest } = await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4' })
    const [source, target] = [await openCheckpoint(tinyModel), await openCheckpoint(folder.in('out'))]
    const dropped = manifest.dropped.map(({ key }) => key)
    expect(dropped.sort()).toEqual([
      'vpm.beit3.text_embed.weight',
      'vpm.beit3.vision_embed.mask_token',
      'vpm.mim_head.bias',
      'vpm.mim_head.weight',
    ])
    expect([...target.keys(), ...dropped].sort()).toEqual([...source.keys()].sort())
    const kept = target.keys().filter(key => !target.info(key).quantization)
    expect(kept).toContain('llm.position_bias.relative_attention_bias')
    expect(kept).toContain('vpm.beit3.vision_embed.proj.weight')
    for (const key of kept) expect(await target.read(key)).toEqual(await source.read(key))
    expect(await readFile(folder.in('out/bee.txt'))).toEqual(await readFile(join(tinyModel, 'bee.txt')))
    expect(manifest.beside.map(({ name }) => name)).toEqual(['bee.txt', 'config.json', 'generation_config.json'])
    await source.close()
    await target.close()
  })

  it('has what is multiplied at once side by side, weights and scales', async () => {
    await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4' })
    const target = await openCheckpoint(folder.in('out'))
    for (const names of [
      ['self_att.self_attention.project_q', 'self_att.self_attention.project_k', 'self_att.self_attention.project_v'],
      ['ffn.ffn.w_in.w_0', 'ffn.ffn.w_in.w_1'],
    ]) {
      const keys = names.map(name => `${layer}${name}.weight`)
      for (const places of [
        keys.map(key => target.locate(key)!),
        keys.map(key => target.info(key).quantization!.scales),
      ])
        for (const [i, { offset }] of places.slice(1).entries())
          expect(offset).toBe(places[i]!.offset + places[i]!.length)
    }
    await target.close()
  })

  it.each([1, 2, 3])('is the same made by %i workers', async workers => {
    const options = { dtype: 'int4', rounding: 'search' } as const
    await quantizeCheckpoint(tinyModel, folder.in('one'), { ...options, workers: 1 })
    await quantizeCheckpoint(tinyModel, folder.in('some'), { ...options, workers })
    expect(await hashesOf(folder.in('some'))).toEqual(await hashesOf(folder.in('one')))
  })

  it('says nothing of this machine or of the time', async () => {
    await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int8' })
    const text = await readFile(folder.in('out/manifest.json'), 'utf8')
    expect(text).not.toContain(folder.path)
    expect(text).not.toContain(tinyModel)
    expect(text).not.toContain(String(new Date().getFullYear()) + '-')
  })
})

describe('rounding', () => {
  it('searched loses less than plain, and weighted least where it counts', async () => {
    const key = `${layer}ffn.ffn.w_out.weight`
    const weights = Float32Array.from({ length: 512 }, (_, i) => (i % 16 === 0 ? 100 : 0.01))
    const source = await openCheckpoint(tinyModel)
    const values = toFloat32(await source.read(key))
    await source.close()
    const lost = async (rounding: Parameters<typeof quantizeCheckpoint>[2]['rounding']) => {
      await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4', force: true, rounding: rounding! })
      const target = await openCheckpoint(folder.in('out'))
      const got = (await target.read(key)).data as Float32Array
      await target.close()
      const error = (i: number) => (got[i]! - values[i]!) ** 2
      return {
        plain: values.reduce((sum, _, i) => sum + error(i), 0),
        weighted: values.reduce((sum, _, i) => sum + error(i) * weights[i % 512]!, 0),
      }
    }
    const nearest = await lost('nearest')
    const search = await lost('search')
    const weighted = await lost(activationWeightedRounding(new Map([[key, weights]])))
    expect(search.plain).toBeLessThan(0.9 * nearest.plain)
    expect(weighted.weighted).toBeLessThan(0.8 * search.weighted)
    const rounding = activationWeightedRounding(new Map([[key, weights]]))
    const verified = await verifyCheckpoint(folder.in('out'), { source: tinyModel, rounding })
    expect(verified).toMatchObject({ problems: [], source: 'converted' })
    expect((await verifyCheckpoint(folder.in('out'), { source: tinyModel })).source).toBe('hashed')
  })

  it('refuses weights of another size', async () => {
    const rounding = activationWeightedRounding(new Map([[`${layer}ffn.ffn.w_out.weight`, new Float32Array(3)]]))
    const failed = await failure(quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4', rounding }))
    expect(failed).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('w_out.weight') })
  })
})

describe('float16', () => {
  it('is made of float32, and of a half what it is', async () => {
    const key = 'llm.encoder.layers.0.ffn.ffn.w_out.weight'
    const source = await changedModel(tensors => {
      const { shape, data } = { shape: tensors.get(key)!.shape, data: toFloat32(tensors.get(key)!) }
      tensors.set(key, { dtype: 'float32', shape, data: data.map(x => x + 1e-6) })
    })
    const { manifest } = await quantizeCheckpoint(source, folder.in('out'), { dtype: 'fp16' })
    expect(manifest.tensors.find(tensor => tensor.key === key)).toMatchObject({ action: 'convert' })
    const [from, to] = [await openCheckpoint(source), await openCheckpoint(folder.in('out'))]
    for (const one of to.keys()) {
      expect(to.info(one).dtype).toBe('float16')
      const [a, b] = [toFloat32(await from.read(one)), toFloat32(await to.read(one))]
      expect(a.every((x, i) => Math.abs(x - b[i]!) <= Math.abs(x) * 2 ** -11 + 2 ** -25)).toBe(true)
    }
    await from.close()
    await to.close()
  })

  it('cannot hold everything', async () => {
    const source = await changedModel(tensors =>
      tensors.set('llm.encoder.output_layernorm.weight', {
        dtype: 'float32',
        shape: [192],
        data: new Float32Array(192).fill(7e4),
      }),
    )
    const failed = await failure(quantizeCheckpoint(source, folder.in('out'), { dtype: 'fp16' }))
    expect(failed).toMatchObject({ code: 'NON_FINITE', message: expect.stringContaining('output_layernorm') })
    expect(failed.hint).toContain('--keep')
  })
})

describe('what cannot be converted', () => {
  it.each([
    ['quantized', 'llm.encoder.layers.2.ffn.ffn.w_in.w_1.weight', 0x7e00],
    ['kept', 'vpm.beit3.encoder.layer_norm.B.bias', 0xfc00],
  ])('a %s tensor that is not finite is named, and nothing is left', async (_, key, bits) => {
    const source = await changedModel(tensors => {
      const { dtype, data } = tensors.get(key)!
      if (dtype === 'float16') data[data.length - 3] = bits
      else data[data.length - 3] = Number.NaN
    })
    const failed = await failure(quantizeCheckpoint(source, folder.in('out'), { dtype: 'int4' }))
    expect(failed).toMatchObject({ code: 'NON_FINITE', message: expect.stringContaining(key) })
    expect(Object.keys(await hashesOf(folder.path))).toEqual(['changed/model.safetensors'])
  })

  it('the result of a conversion, other checkpoints, the folder of the source', async () => {
    await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4' })
    expect(await failure(quantizeCheckpoint(folder.in('out'), folder.in('again'), { dtype: 'int4' }))).toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('quantized already'),
    })
    await writeSafetensors(
      await openAtomicSink(folder.in('a.safetensors')),
      memoryWeights({ a: { dtype: 'int8', shape: [1], data: Int8Array.of(1) } }),
    )
    expect(
      await failure(quantizeCheckpoint(folder.in('a.safetensors'), folder.in('b'), { dtype: 'int4' })),
    ).toMatchObject({
      code: 'FILE_FORMAT',
    })
    const source = await changedModel(() => {})
    expect(await failure(quantizeCheckpoint(source, source, { dtype: 'int4', force: true }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })

  it('an option that is not there', async () => {
    for (const [argument, options] of Object.entries({
      dtype: { dtype: 'int2' },
      blockSize: { dtype: 'int4', blockSize: 100 },
      workers: { dtype: 'int4', workers: 0 },
      rounding: { dtype: 'int4', rounding: 'up' },
    }))
      expect(await failure(quantizeCheckpoint(tinyModel, folder.in('out'), options as never))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument,
      })
  })
})

it('takes a zip of torch.save, and tensors that are not in one piece', async () => {
  // A CPM-Bee of one layer whose project_q is stored transposed.
  const shapes = {
    'input_embedding.weight': [5, 128],
    'position_bias.relative_attention_bias': [4, 2],
    'encoder.layers.0.self_att.self_attention.project_q.weight': [64, 128],
  }
  const values = Object.values(shapes).map(([rows, columns], t) =>
    Float32Array.from({ length: rows! * columns! }, (_, i) => Math.sin(i * (t + 1))),
  )
  const pickled = Object.entries(shapes).map(([key, shape], i) => ({
    ...{ key, shape, storage: String(i), numel: shape[0]! * shape[1]! },
    ...(key.includes('project_q') && { strides: [1, 64] }),
  }))
  const entries = values.map((data, i) => ({ name: `m/data/${i}`, data: new Uint8Array(data.buffer) }))
  await mkdir(folder.in('torch'))
  await writeFile(
    folder.in('torch/bee.pt'),
    buildZip([{ name: 'm/data.pkl', data: pickleTensors(pickled) }, ...entries]),
  )
  await quantizeCheckpoint(folder.in('torch'), folder.in('out'), { dtype: 'int8' })
  const [source, target] = [await openCheckpoint(folder.in('torch')), await openCheckpoint(folder.in('out'))]
  const key = 'encoder.layers.0.self_att.self_attention.project_q.weight'
  expect(source.locate(key)).toBeUndefined()
  expect(target.has(scalesKey(key))).toBe(false)
  const want = rounded(toFloat32(await source.read(key)), 8, 128)
  const got = (await target.read(key)).data as Float32Array
  expect(got.every((x, i) => Math.abs(x - want[i]!) < 1e-6)).toBe(true)
  await source.close()
  await target.close()
  expect((await verifyCheckpoint(folder.in('out'), { source: folder.in('torch') })).problems).toEqual([])
})
