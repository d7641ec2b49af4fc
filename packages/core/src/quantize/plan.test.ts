import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import type { Tensor } from '../tensor.js'
import { memoryWeights } from '../weights/memory.js'
import { openSafetensors } from '../weights/safetensors.js'
import { matchesKey } from './options.js'
import { piecesOf } from './pieces.js'
import { planQuantization, type QuantizationPlan } from './plan.js'

const half = (...shape: number[]): Tensor => ({
  dtype: 'float16',
  shape,
  data: new Uint16Array(shape.reduce((a, b) => a * b, 1)),
})

/** The tensors that a chat has, each kind once. */
const chat = (prefix = '') =>
  memoryWeights(
    Object.fromEntries(
      Object.entries({
        query: half(4, 64),
        'vpm.beit3.text_embed.weight': half(8, 64),
        'vpm.beit3.vision_embed.proj.weight': half(64, 3, 4, 4),
        'vpm.beit3.encoder.embed_positions.A.weight': half(10, 64),
        'vpm.beit3.encoder.layers.0.self_attn.k_proj.A.weight': half(64, 64),
        'vpm.beit3.encoder.layers.0.self_attn.k_proj.A.bias': half(64),
        'vpm.beit3.encoder.layers.0.ffn.A.ffn_layernorm.weight': half(128),
        'vpm.mim_head.weight': half(16, 64),
        'llm.encoder.layers.0.self_att.layernorm_before_attention.weight': half(192),
        'llm.encoder.layers.0.self_att.self_attention.project_v.weight': half(64, 192),
        'llm.encoder.layers.0.self_att.self_attention.project_q.weight': half(64, 192),
        'llm.encoder.layers.0.self_att.self_attention.project_k.weight': half(64, 192),
        'llm.encoder.layers.0.self_att.self_attention.attention_out.weight': half(192, 64),
        'llm.encoder.layers.0.ffn.ffn.w_in.w_0.weight': half(100, 192),
        'llm.encoder.layers.0.ffn.ffn.w_in.w_1.weight': half(100, 192),
        'llm.encoder.layers.0.ffn.ffn.w_out.weight': half(192, 100),
        'llm.input_embedding.weight': half(50, 192),
        'llm.position_bias.relative_attention_bias': half(64, 32),
        'mapping.0.weight': half(192, 64),
        'mapping.2.weight': half(192, 192),
        'mapping.2.bias': half(192),
      }).map(([key, tensor]) => [prefix + key, tensor]),
    ),
  )

const formats = ({ tensors }: QuantizationPlan) =>
  Object.fromEntries(
    tensors.map(({ key, action, blocks }) => [
      key.replace(/^.*\.(?=[^.]+\.[^.]+$)/, ''),
      blocks ? `int${blocks.bits}/${blocks.blockSize}` : action,
    ]),
  )

describe('a plan', () => {
  it('quantizes matrices of layers, the token table and the mapping; drops what only training needs', () => {
    const plan = planQuantization(chat(), { dtype: 'int4' })
    expect(plan.kind).toBe('viscpm-chat')
    expect(formats(plan)).toMatchObject({
      'project_q.weight': 'int4/64',
      'attention_out.weight': 'int4/64',
      'w_out.weight': 'keep', // no block size divides 100
      'input_embedding.weight': 'int8/64',
      'A.weight': 'int8/64',
      '0.weight': 'int8/64',
      'position_bias.relative_attention_bias': 'keep',
      'proj.weight': 'keep',
      'A.bias': 'keep',
      'ffn_layernorm.weight': 'keep',
      'layernorm_before_attention.weight': 'keep',
    })
    expect(formats(plan)).toHaveProperty('query', 'keep')
    expect(plan.tensors.find(({ key }) => key.includes('embed_positions'))!.action).toBe('keep')
    expect(plan.dropped.map(({ key, reason }) => [key, reason])).toEqual([
      ['vpm.beit3.text_embed.weight', 'training-only'],
      ['vpm.mim_head.weight', 'training-only'],
    ])
  })

  it('takes the formats that it is told, by part and by pattern, the first that matches', () => {
    const plan = planQuantization(chat(), {
      ...{ dtype: 'int4', blockSize: 32, embedding: 'int4', vision: 'fp16' },
      formats: [
        { pattern: '*.project_q.weight', format: 'keep' },
        { pattern: '*.project_*', format: 'int8' },
        { pattern: '*position*', format: 'int8' }, // no matrix of a product
      ],
    })
    expect(formats(plan)).toMatchObject({
      'project_q.weight': 'keep',
      'project_k.weight': 'int8/32',
      'w_0.weight': 'int4/32',
      'input_embedding.weight': 'int4/64',
      'A.weight': 'keep',
      'position_bias.relative_attention_bias': 'keep',
    })
  })

  it('knows tensors under a prefix of all keys', () => {
    const plan = planQuantization(chat('module.'), { dtype: 'int8' })
    expect(plan.tensors.filter(({ action }) => action === 'quantize').length).toBe(10)
    expect(plan.tensors.every(({ key }) => key.startsWith('module.'))).toBe(true)
  })

  it('lays out a file that the reader takes, what belongs together in its order', async () => {
    const plan = planQuantization(chat(), { dtype: 'int4' })
    const file = new Uint8Array(plan.size)
    file.set(plan.header)
    const opened = await openSafetensors(memoryBytes(file))
    for (const { key, target, blocks, source } of plan.tensors) {
      expect(opened.locate(key)).toMatchObject({ offset: target.offset, length: target.length })
      expect(opened.info(key).shape).toEqual(source.shape)
      expect(opened.info(key).quantization?.scales.offset).toBe(blocks?.scales.offset)
    }
    const starts = ['project_q', 'project_k', 'project_v'].map(
      name => plan.tensors.find(({ key }) => key.endsWith(`${name}.weight`))!,
    )
    for (const [i, { target, blocks }] of starts.slice(1).entries()) {
      expect(target.offset).toBe(starts[i]!.target.offset + starts[i]!.target.length)
      expect(blocks!.scales.offset).toBe(starts[i]!.blocks!.scales.offset + starts[i]!.blocks!.scales.length)
    }
  })

  it('refuses checkpoints that hold no language model and no vision part', () => {
    const vae = memoryWeights({
      'post_quant_conv.weight': half(4, 4, 1, 1),
      'decoder.conv_in.weight': half(8, 4, 3, 3),
    })
    expect(() => planQuantization(vae, { dtype: 'int4' })).toThrow(/can be converted/)
  })
})

it('patterns match whole keys, and nothing but a star is special', () => {
  expect(matchesKey('llm.*.weight', 'llm.encoder.w.weight')).toBe(true)
  expect(matchesKey('encoder', 'llm.encoder.w')).toBe(false)
  expect(matchesKey('a.b', 'aXb')).toBe(false)
  expect(matchesKey('*(x)[0]+', 'a(x)[0]+')).toBe(true)
})

it('pieces cover a tensor without holes, in whole rows', () => {
  const shape = [86583, 4096]
  const nbytes = 86583 * 4096 * 2
  const target = { dtype: 'uint8', shape: [86583, 32, 128], offset: 0, length: 86583 * 4096 } as const
  const scales = { dtype: 'float32', shape: [86583, 32], offset: 0, length: 86583 * 128 } as const
  const sizes = piecesOf({
    ...{ key: 'x', group: 'embedding', action: 'quantize', target },
    source: { dtype: 'float16', shape, nbytes },
    blocks: { bits: 8, blockSize: 128, scales },
  })
  expect(sizes).toMatchObject({ rows: 512, source: 512 * 8192, target: 512 * 4096, scales: 512 * 128 })
  expect(sizes.count).toBe(Math.ceil(86583 / 512))
})
