import { describe, expect, it } from 'vitest'
import { parseUNetConfig, sd21BaseUNetConfig } from './config.js'
import { UNetNetwork } from './network.js'

/** The file of SD 2.1-base: the sizes, and the fields that have one meaning. */
const published = {
  ...sd21BaseUNetConfig,
  _class_name: 'UNet2DConditionModel',
  _diffusers_version: '0.8.0',
  act_fn: 'silu',
  center_input_sample: false,
  downsample_padding: 1,
  dual_cross_attention: false,
  mid_block_scale_factor: 1,
  num_class_embeds: null,
  only_cross_attention: false,
}

describe('parseUNetConfig', () => {
  it('reads the published file', () => {
    expect(parseUNetConfig(published)).toEqual(sd21BaseUNetConfig)
  })

  it("fills in diffusers' defaults, and one number of heads for all levels", () => {
    const { block_out_channels, down_block_types, up_block_types } = sd21BaseUNetConfig
    expect(parseUNetConfig({ block_out_channels, down_block_types, up_block_types })).toEqual({
      ...sd21BaseUNetConfig,
      cross_attention_dim: 1280,
      attention_head_dim: [8, 8, 8, 8],
      use_linear_projection: false,
    })
  })

  it('knows what newer diffusers write, and what changes nothing here', () => {
    const newer = {
      ...published,
      attention_type: 'default',
      class_embed_type: null,
      dropout: 0,
      num_attention_heads: null,
      resnet_time_scale_shift: 'default',
      time_embedding_type: 'positional',
      transformer_layers_per_block: 1,
      upcast_attention: true,
      some_later_field: null,
    }
    expect(parseUNetConfig(newer)).toEqual(sd21BaseUNetConfig)
  })

  const wrong: [field: string, change: object | null][] = [
    ['UNet2DConditionModel', null],
    ['_class_name', { _class_name: 'AutoencoderKL' }],
    ['block_out_channels', { block_out_channels: 320 }],
    ['block_out_channels', { block_out_channels: [] }],
    ['block_out_channels[1]', { block_out_channels: [320, 640.5, 1280, 1280] }],
    ['block_out_channels[2]', { block_out_channels: [320, 640, 1000, 1280] }],
    ['block_out_channels[0]', { block_out_channels: [5, 640, 1280, 1280], norm_num_groups: 5 }],
    ['down_block_types', { down_block_types: ['DownBlock2D'] }],
    ['down_block_types[3]', { down_block_types: [...published.down_block_types.slice(1), 'AttnDownBlock2D'] }],
    ['up_block_types[0]', { up_block_types: ['SimpleCrossAttnUpBlock2D', ...published.up_block_types.slice(1)] }],
    ['attention_head_dim', { attention_head_dim: [5, 10, 20] }],
    ['attention_head_dim[1]', { attention_head_dim: [5, 9, 20, 20] }],
    ['attention_head_dim', { attention_head_dim: 0 }],
    ['attention_head_dim[0]', { attention_head_dim: 7 }],
    ['layers_per_block', { layers_per_block: [2, 2, 2, 2] }],
    ['norm_eps', { norm_eps: -1 }],
    ['norm_num_groups', { norm_num_groups: 0 }],
    ['use_linear_projection', { use_linear_projection: 1 }],
    ['freq_shift', { freq_shift: 160 }],
    ['act_fn', { act_fn: 'gelu' }],
    ['num_class_embeds', { num_class_embeds: 10 }],
    ['num_attention_heads', { num_attention_heads: 8 }],
    ['time_embedding_type', { time_embedding_type: 'fourier' }],
    ['transformer_layers_per_block', { transformer_layers_per_block: 2 }],
    ['mid_block_type', { mid_block_type: 'UNetMidBlock2D' }],
    ['misspelt', { misspelt: 3 }],
  ]
  it.each(wrong)('names %s when it is wrong: %o', (field, change) => {
    const json = change && { ...published, ...change }
    expect(() => parseUNetConfig(json)).toThrow(expect.objectContaining({ code: 'CONFIG', field }))
  })

  it('is checked again for sizes given in code', () => {
    const config = { ...sd21BaseUNetConfig, attention_head_dim: [5, 10, 20] }
    expect(() => new UNetNetwork(config)).toThrow('attention_head_dim: one entry per level is needed')
  })
})
