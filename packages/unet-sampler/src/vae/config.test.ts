import { describe, expect, it } from 'vitest'
import { parseVaeConfig, sdVaeConfig, vaeScale } from './config.js'
import { VaeDecoderNetwork } from './decoder.js'

/** The file on the hub: no scaling_factor, and the fields that have one meaning. */
const { scaling_factor: _, ...sizes } = sdVaeConfig
const published = {
  ...sizes,
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  down_block_types: new Array(4).fill('DownEncoderBlock2D'),
  up_block_types: new Array(4).fill('UpDecoderBlock2D'),
}

describe('parseVaeConfig', () => {
  it('reads the published file, whose scaling factor is 0.18215', () => {
    expect(parseVaeConfig(published)).toEqual(sdVaeConfig)
    expect(sdVaeConfig.scaling_factor).toBe(0.18215)
    expect(vaeScale(sdVaeConfig)).toBe(8)
  })

  it('knows what newer diffusers write', () => {
    const newer = {
      ...published,
      force_upcast: true,
      latents_mean: null,
      latents_std: null,
      mid_block_add_attention: true,
      scaling_factor: 0.13025,
      shift_factor: null,
      use_post_quant_conv: true,
      use_quant_conv: true,
    }
    expect(parseVaeConfig(newer)).toEqual({ ...sdVaeConfig, scaling_factor: 0.13025 })
  })

  const wrong: [field: string, change: object][] = [
    ['_class_name', { _class_name: 'UNet2DConditionModel' }],
    ['block_out_channels', { block_out_channels: undefined }],
    ['block_out_channels[0]', { block_out_channels: [100, 256, 512, 512] }],
    ['down_block_types', { down_block_types: ['DownEncoderBlock2D'] }],
    ['up_block_types[1]', { up_block_types: ['UpDecoderBlock2D', 'AttnUpDecoderBlock2D', 'x', 'y'] }],
    ['latent_channels', { latent_channels: 0 }],
    ['scaling_factor', { scaling_factor: 0 }],
    ['scaling_factor', { scaling_factor: '0.18215' }],
    ['use_quant_conv', { use_quant_conv: false }],
    ['shift_factor', { shift_factor: 0.1 }],
    ['act_fn', { act_fn: 'relu' }],
  ]
  it.each(wrong)('names %s when it is wrong: %o', (field, change) => {
    expect(() => parseVaeConfig({ ...published, ...change })).toThrow(
      expect.objectContaining({ code: 'CONFIG', field }),
    )
  })

  it('is checked again for sizes given in code', () => {
    expect(() => new VaeDecoderNetwork({ ...sdVaeConfig, norm_num_groups: 24 })).toThrow('block_out_channels[0]')
  })
})
