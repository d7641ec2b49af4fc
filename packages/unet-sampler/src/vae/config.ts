import { ConfigFields, checkGroups, configError, type FixedFields } from '../blocks/config-fields.js'

const downBlockTypes = ['DownEncoderBlock2D'] as const
const upBlockTypes = ['UpDecoderBlock2D'] as const

/** Sizes of a VAE. Fields are those of diffusers' `config.json`. */
export interface VaeConfig {
  readonly in_channels: number
  readonly out_channels: number
  readonly latent_channels: number
  /** Pixels per side that it was trained on; any other size runs too. */
  readonly sample_size: number
  /** From the finest level to the coarsest; each level after the first halves height and width. */
  readonly block_out_channels: readonly number[]
  readonly layers_per_block: number
  readonly norm_num_groups: number
  /** The UNet's latents are the VAE's times this. */
  readonly scaling_factor: number
}

/** The VAE of Stable Diffusion 1 and 2, which VisCPM-Paint uses as it is. */
export const sdVaeConfig: VaeConfig = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  sample_size: 512,
  block_out_channels: [128, 256, 512, 512],
  layers_per_block: 2,
  norm_num_groups: 32,
  scaling_factor: 0.18215,
}

/** Fields with one supported meaning. An empty list: any value, it changes nothing here. null is always the default. */
const fixed: FixedFields = {
  act_fn: ['silu', 'swish'],
  force_upcast: [],
  mid_block_add_attention: [true],
  use_post_quant_conv: [true],
  use_quant_conv: [true],
}

/**
 * Reads a `config.json` of diffusers' AutoencoderKL (0.8 and later). Files from before 0.11 have no scaling_factor: it is 0.18215.
 * @throws ConfigError naming a field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseVaeConfig(json: unknown): VaeConfig {
  const fields = new ConfigFields(json, 'AutoencoderKL')
  const channels = fields.sizes('block_out_channels')
  fields.blockTypes('down_block_types', channels.length, downBlockTypes)
  fields.blockTypes('up_block_types', channels.length, upBlockTypes)
  const config: VaeConfig = {
    in_channels: fields.size('in_channels', 3),
    out_channels: fields.size('out_channels', 3),
    latent_channels: fields.size('latent_channels', 4),
    sample_size: fields.size('sample_size', 32),
    block_out_channels: channels,
    layers_per_block: fields.size('layers_per_block', 1),
    norm_num_groups: fields.size('norm_num_groups', 32),
    scaling_factor: fields.number('scaling_factor', sdVaeConfig.scaling_factor, Number.MIN_VALUE),
  }
  fields.end(fixed)
  return checkVaeConfig(config)
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkVaeConfig(config: VaeConfig): VaeConfig {
  const { block_out_channels, norm_num_groups, scaling_factor } = config
  checkGroups(block_out_channels, norm_num_groups)
  if (!(scaling_factor > 0)) configError('scaling_factor', 'a positive number is needed', scaling_factor)
  return config
}

/** Pixels per latent pixel, along each side: 8 for Stable Diffusion. */
export function vaeScale({ block_out_channels }: VaeConfig): number {
  return 2 ** (block_out_channels.length - 1)
}
