import { ConfigFields, checkGroups, configError, type FixedFields } from '../blocks/config-fields.js'

const downBlockTypes = ['CrossAttnDownBlock2D', 'DownBlock2D'] as const
const upBlockTypes = ['CrossAttnUpBlock2D', 'UpBlock2D'] as const

/** Sizes of a UNet. Fields are those of diffusers' `config.json`. */
export interface UNetConfig {
  readonly in_channels: number
  readonly out_channels: number
  /** Latent pixels per side that it was trained on; any other size runs too. */
  readonly sample_size: number
  /** From the finest level to the coarsest. */
  readonly block_out_channels: readonly number[]
  readonly down_block_types: readonly (typeof downBlockTypes)[number][]
  readonly up_block_types: readonly (typeof upBlockTypes)[number][]
  readonly layers_per_block: number
  readonly norm_num_groups: number
  readonly norm_eps: number
  /** Width of the context rows. */
  readonly cross_attention_dim: number
  /** The NUMBER of attention heads per level: diffusers' name is a historical mistake. */
  readonly attention_head_dim: readonly number[]
  /** Around the attention: linear layers, or 1 x 1 convolutions. */
  readonly use_linear_projection: boolean
  /** Time embedding as [cos, sin] instead of [sin, cos]. */
  readonly flip_sin_to_cos: boolean
  readonly freq_shift: number
}

/** Stable Diffusion 2.1-base, which VisCPM-Paint's UNet is. */
export const sd21BaseUNetConfig: UNetConfig = {
  in_channels: 4,
  out_channels: 4,
  sample_size: 64,
  block_out_channels: [320, 640, 1280, 1280],
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 2,
  norm_num_groups: 32,
  norm_eps: 1e-5,
  cross_attention_dim: 1024,
  attention_head_dim: [5, 10, 20, 20],
  use_linear_projection: true,
  flip_sin_to_cos: true,
  freq_shift: 0,
}

/** Fields with one supported meaning. An empty list: any value, it changes nothing here. null is always the default. */
const fixed: FixedFields = {
  act_fn: ['silu', 'swish'],
  addition_embed_type_num_heads: [],
  attention_type: ['default'],
  center_input_sample: [false],
  class_embeddings_concat: [false],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  downsample_padding: [1],
  dropout: [],
  dual_cross_attention: [false],
  mid_block_only_cross_attention: [false],
  mid_block_scale_factor: [1],
  mid_block_type: ['UNetMidBlock2DCrossAttn'],
  only_cross_attention: [false],
  resnet_out_scale_factor: [1],
  resnet_skip_time_act: [false],
  resnet_time_scale_shift: ['default'],
  time_embedding_type: ['positional'],
  transformer_layers_per_block: [1],
  upcast_attention: [],
}

/**
 * Reads a `config.json` of diffusers' UNet2DConditionModel (0.8 and later), with diffusers' defaults for what may be left out.
 * @throws ConfigError naming a field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseUNetConfig(json: unknown): UNetConfig {
  const fields = new ConfigFields(json, 'UNet2DConditionModel')
  const channels = fields.sizes('block_out_channels')
  const levels = channels.length
  const config: UNetConfig = {
    in_channels: fields.size('in_channels', 4),
    out_channels: fields.size('out_channels', 4),
    sample_size: fields.size('sample_size', 64),
    block_out_channels: channels,
    down_block_types: fields.blockTypes('down_block_types', levels, downBlockTypes),
    up_block_types: fields.blockTypes('up_block_types', levels, upBlockTypes),
    layers_per_block: fields.size('layers_per_block', 2),
    norm_num_groups: fields.size('norm_num_groups', 32),
    norm_eps: fields.number('norm_eps', 1e-5, 0),
    cross_attention_dim: fields.size('cross_attention_dim', 1280),
    attention_head_dim: fields.sizePerBlock('attention_head_dim', levels, 8),
    use_linear_projection: fields.flag('use_linear_projection', false),
    flip_sin_to_cos: fields.flag('flip_sin_to_cos', true),
    freq_shift: fields.number('freq_shift', 0, 0),
  }
  fields.end(fixed)
  return checkUNetConfig(config)
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkUNetConfig(config: UNetConfig): UNetConfig {
  const { block_out_channels: channels, norm_num_groups, attention_head_dim: heads, freq_shift } = config
  for (const name of ['down_block_types', 'up_block_types', 'attention_head_dim'] as const)
    if (config[name].length !== channels.length)
      configError(name, `one entry per level is needed, of which there are ${channels.length}`, config[name])
  checkGroups(channels, norm_num_groups)
  heads.forEach((count, i) => {
    const attends = i === channels.length - 1 || isCross(config, i)
    if (attends && channels[i]! % count !== 0)
      configError(`attention_head_dim[${i}]`, `must divide block_out_channels[${i}], which is ${channels[i]}`, count)
  })
  if (channels[0]! % 2 !== 0)
    configError('block_out_channels[0]', 'an even number is needed (sines and cosines)', channels[0])
  if (freq_shift >= channels[0]! / 2) configError('freq_shift', `must be below ${channels[0]! / 2}`, freq_shift)
  return config
}

/** Whether a level has attention on its way down or up (up blocks are listed from the coarsest level on). */
function isCross({ down_block_types, up_block_types }: UNetConfig, level: number): boolean {
  return down_block_types[level] === 'CrossAttnDownBlock2D' || up_block_types.at(-1 - level) === 'CrossAttnUpBlock2D'
}
