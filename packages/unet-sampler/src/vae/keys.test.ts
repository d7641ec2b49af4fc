import { float32, tensor } from '@viscpm/core'
import { memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { newAttentionKey, newVaeKeys } from './keys.js'

const old = 'decoder.mid_block.attentions.0'

describe('newAttentionKey', () => {
  it.each([
    ['query', 'to_q'],
    ['key', 'to_k'],
    ['value', 'to_v'],
    ['proj_attn', 'to_out.0'],
  ])('%s becomes %s', (from, to) => {
    for (const end of ['weight', 'bias']) {
      expect(newAttentionKey(`${old}.${from}.${end}`)).toBe(`${old}.${to}.${end}`)
      expect(newAttentionKey(`vae.encoder.mid_block.attentions.0.${from}.${end}`)).toBe(
        `vae.encoder.mid_block.attentions.0.${to}.${end}`,
      )
    }
  })

  it.each([
    `${old}.to_q.weight`,
    `${old}.to_out.0.bias`,
    `${old}.group_norm.weight`,
    `${old}.query.weight.scale`,
    'decoder.up_blocks.0.attentions.0.query.weight',
    'decoder.conv_in.weight',
  ])('%s stays', key => {
    expect(newAttentionKey(key)).toBe(key)
  })
})

describe('newVaeKeys', () => {
  const data = Float32Array.from({ length: 6 }, (_, i) => i)

  it('gives 1 x 1 convolutions as linear layers, and nothing else', async () => {
    const weights = newVaeKeys(
      memoryWeights({
        [`${old}.query.weight`]: tensor('float32', data, [2, 3, 1, 1]),
        [`${old}.to_k.weight`]: tensor('float32', data, [2, 3]),
        'quant_conv.weight': tensor('float32', data, [2, 3, 1, 1]),
      }),
    )
    expect(weights.keys()).toEqual([`${old}.to_q.weight`, `${old}.to_k.weight`, 'quant_conv.weight'])
    for (const key of weights.keys().slice(0, 2)) {
      expect(weights.info(key)).toMatchObject({ key, shape: [2, 3], strides: [3, 1], nbytes: 24 })
      expect(await weights.read(key)).toEqual(tensor('float32', data, [2, 3]))
      expect(weights.locate(key)).toMatchObject({ length: 24 })
    }
    expect(weights.info('quant_conv.weight').shape).toEqual([2, 3, 1, 1])
    expect((await weights.read('quant_conv.weight')).shape).toEqual([2, 3, 1, 1])
    expect(weights.has(`${old}.query.weight`)).toBe(false)
  })

  it('refuses a file with both spellings of one tensor', () => {
    const both = memoryWeights({ [`${old}.query.bias`]: float32([1]), [`${old}.to_q.bias`]: float32([1]) })
    expect(() => newVaeKeys(both)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
