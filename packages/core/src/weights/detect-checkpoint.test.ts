import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type DType, itemSize } from '../dtype.js'
import { MissingKeyError } from '../errors.js'
import { numel } from '../tensor.js'
import { detectCheckpoint } from './detect-checkpoint.js'
import type { WeightSource } from './types.js'

type Entry = readonly [key: string, shape: readonly number[], dtype: DType]

const fullSize = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixtures/full-size-keys.json.gz', import.meta.url))).toString(),
) as Record<string, Entry[]>

/** A checkpoint of which only the keys exist: reading any value fails. */
function keysOnly(entries: readonly Entry[], name = 'file.pt'): WeightSource {
  const infos = new Map(
    entries.map(([key, shape, dtype]) => {
      const strides = shape.map((_, i) => numel(shape.slice(i + 1)))
      return [key, { key, shape, dtype, strides, nbytes: numel(shape) * itemSize(dtype) }] as const
    }),
  )
  return {
    name,
    format: 'torch-zip',
    keys: () => [...infos.keys()],
    has: key => infos.has(key),
    info: key => {
      const info = infos.get(key)
      if (!info) throw new MissingKeyError({ keys: [key], file: name })
      return info
    },
    locate: () => {
      throw new Error('no value may be located')
    },
    read: () => Promise.reject(new Error('no value may be read')),
    close: async () => {},
  }
}

function prefixed(name: string, prefix: string): Entry[] {
  return fullSize[name]!.map(([key, shape, dtype]) => [prefix + key, shape, dtype])
}

const chat = fullSize['viscpm-chat']!
const paint = [...prefixed('llm', 'llm.'), ...prefixed('unet', 'unet.'), ...prefixed('trans_block', 'trans_block.')]

describe('detectCheckpoint on the published key lists', () => {
  it('knows VisCPM-Chat, its sizes, and the keys that only training used', () => {
    const report = detectCheckpoint(keysOnly(chat, 'models/viscpm_chat_zhplus_checkpoint.pt'))
    expect(report).toMatchObject({
      kind: 'viscpm-chat',
      variant: 'zhplus',
      published: true,
      prefix: '',
      tensors: 1413,
      parameters: 10_318_225_408,
      nbytes: 22_040_739_840,
    })
    expect(report.sizes).toEqual({
      vocabSize: 86583,
      dimModel: 4096,
      dimFF: 10240,
      numLayers: 48,
      numHeads: 32,
      dimHead: 128,
      positionBuckets: 512,
      visionDim: 1024,
      visionFF: 4096,
      visionLayers: 24,
      patchSize: 16,
      imageSize: 224,
      queryNum: 64,
    })
    expect(report.dtypes.float16?.parameters).toBe(9_616_080_896)
    expect(report.dtypes.float32?.tensors).toBe(1413 - 435)
    expect(report.parts.map(p => [p.name, p.prefix, p.published])).toEqual([
      ['llm', 'llm.', true],
      ['vision', 'vpm.', true],
      ['query', '', true],
      ['mapping', '', true],
    ])
    expect(report.ignored).toEqual([
      { key: 'vpm.beit3.text_embed.weight', reason: 'training-only', parameters: 64010 * 1024 },
      { key: 'vpm.beit3.vision_embed.mask_token', reason: 'training-only', parameters: 1024 },
      { key: 'vpm.mim_head.weight', reason: 'training-only', parameters: 8192 * 1024 },
      { key: 'vpm.mim_head.bias', reason: 'training-only', parameters: 8192 },
    ])
  })

  it('knows VisCPM-Paint', () => {
    const report = detectCheckpoint(keysOnly(paint, 'viscpm_paint_balance_checkpoint.pt'))
    expect(report).toMatchObject({ kind: 'viscpm-paint', variant: 'balance', published: true, ignored: [] })
    expect(report.parts.map(p => p.name)).toEqual(['llm', 'unet', 'trans-block'])
  })

  it.each([
    ['llm', 'cpm-bee', 435],
    ['unet', 'unet', 686],
    ['vae_old_keys', 'vae', 248],
    ['vae_new_keys', 'vae', 248],
    ['trans_block', 'trans-block', 3],
    ['safety_checker', 'safety-checker', 397],
    ['text_checker', 'bert', 202],
    ['chinese_clip', 'chinese-clip', 401],
  ])('knows %s alone', (name, kind, tensors) => {
    const report = detectCheckpoint(keysOnly(fullSize[name]!))
    expect(report).toMatchObject({ kind, published: true, tensors })
    expect(report.ignored.filter(({ reason }) => reason !== 'recomputed')).toEqual([])
    expect(report.parts).toHaveLength(1)
  })

  it('counts buffers of older files as tensors, not as parameters', () => {
    const report = detectCheckpoint(keysOnly(fullSize.safety_checker!))
    expect(report.parameters).toBe(303_981_588)
    expect(report.dtypes.int64).toEqual({ tensors: 1, parameters: 0, nbytes: 257 * 8 })
    expect(report.ignored).toEqual([
      { key: 'vision_model.vision_model.embeddings.position_ids', reason: 'recomputed', parameters: 0 },
    ])
  })
})

describe('detectCheckpoint on what is not as published', () => {
  it('finds the prefix of distributed training', () => {
    const report = detectCheckpoint(keysOnly(prefixed('viscpm-chat', 'module.')))
    expect(report).toMatchObject({ kind: 'viscpm-chat', prefix: 'module.', published: true })
    expect(report.sizes.numLayers).toBe(48)
  })

  it('gives the whole prefix of a language model alone', () => {
    expect(detectCheckpoint(keysOnly(prefixed('llm', 'llm.')))).toMatchObject({ kind: 'cpm-bee', prefix: 'llm.' })
  })

  it('lists keys of nothing known', () => {
    const report = detectCheckpoint(keysOnly([...chat, ['optimizer.step', [], 'int64']]))
    expect(report.ignored).toContainEqual({ key: 'optimizer.step', reason: 'unknown', parameters: 0 })
    expect(report.kind).toBe('viscpm-chat')
  })

  it('is not published when a layer is missing, and says how many there are', () => {
    const report = detectCheckpoint(keysOnly(chat.filter(([key]) => !key.startsWith('llm.encoder.layers.47.'))))
    expect(report).toMatchObject({ kind: 'viscpm-chat', published: false })
    expect(report.sizes.numLayers).toBe(47)
  })

  it('does not call a part of VisCPM-Chat a CPM-Bee', () => {
    const report = detectCheckpoint(keysOnly(chat.filter(([key]) => key !== 'query')))
    expect(report.kind).toBe('unknown')
    expect(report.parts.map(p => p.name)).toEqual(['llm', 'vision', 'mapping'])
  })

  it('takes a Q-Former alone', () => {
    const report = detectCheckpoint(keysOnly(chat.filter(([key]) => !key.startsWith('llm.'))))
    expect(report).toMatchObject({ kind: 'q-former', published: true })
    expect(report.sizes.vocabSize).toBeUndefined()
  })

  it('sizes a model whose first layers lack blocks', () => {
    const entries = fullSize.llm!.filter(([key]) => !/^encoder\.layers\.0\.(self_att|ffn)\./.test(key))
    const { sizes } = detectCheckpoint(keysOnly(entries))
    expect(sizes).toMatchObject({ numLayers: 48, dimHead: 128, dimFF: 10240 })
  })

  it('leaves out sizes of shapes that are not what they should be', () => {
    const odd = chat.map(([key, shape, dtype]): Entry => [key, key === 'query' ? [64] : shape, dtype])
    const report = detectCheckpoint(keysOnly(odd))
    expect(report.kind).toBe('viscpm-chat')
    expect(report.sizes).not.toHaveProperty('queryNum')
  })

  it.each([
    ['weight', 'bias'],
    ['encoder.layers.0.x', 'decoder.layers.0.x'],
    ['conv_in.weight', 'mapping.0.weight'],
  ])('calls %s and %s unknown', (...names) => {
    const report = detectCheckpoint(keysOnly(names.map(name => [name, [2, 3], 'float32'])))
    expect(report).toMatchObject({ kind: 'unknown', published: false, parts: [], sizes: {}, parameters: 12 })
    expect(report.ignored.map(i => i.reason)).toEqual(['unknown', 'unknown'])
  })

  it('takes an empty checkpoint', () => {
    expect(detectCheckpoint(keysOnly([]))).toMatchObject({ kind: 'unknown', tensors: 0, dtypes: {} })
  })
})

describe('variant', () => {
  it.each([
    ['viscpm_chat_balance_checkpoint.pt', 'balance'],
    ['C:\\models\\VisCPM_Chat_ZHPLUS.pt', 'zhplus'],
    ['/m/pytorch_model.v1.bin', 'v1'],
    ['/m/pytorch_model.v1.1.bin', 'v1'],
    ['/balance/pytorch_model.bin', undefined],
    ['model.v12.bin', undefined],
  ])('%s -> %s', (name, variant) => {
    expect(detectCheckpoint(keysOnly(chat, name)).variant).toBe(variant)
  })
})
