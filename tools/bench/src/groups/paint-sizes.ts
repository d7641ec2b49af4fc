import type { ModelConfig } from '../random-model.js'

export type PaintGroup = 'paint-mid' | 'paint-full' | 'fast'

const unet = {
  _class_name: 'UNet2DConditionModel',
  in_channels: 4,
  out_channels: 4,
  sample_size: 64,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 2,
  use_linear_projection: true,
}

/** Stable Diffusion 2.1-base's, which VisCPM-Paint's is. */
const fullUnet = {
  ...unet,
  block_out_channels: [320, 640, 1280, 1280],
  norm_num_groups: 32,
  attention_head_dim: [5, 10, 20, 20],
  cross_attention_dim: 1024,
}

/** diffusers' `config.json`s. Channels per group of the norms and, about, per head are those of Stable Diffusion. */
export const paintConfigs: Readonly<Record<PaintGroup, ModelConfig>> = {
  'paint-mid': {
    unet: {
      ...unet,
      block_out_channels: [80, 160, 320, 320],
      norm_num_groups: 8,
      attention_head_dim: [2, 4, 8, 8],
      cross_attention_dim: 256,
    },
    vae: {
      _class_name: 'AutoencoderKL',
      block_out_channels: [32, 64, 128, 128],
      down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
      up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
      layers_per_block: 2,
      latent_channels: 4,
      norm_num_groups: 8,
      sample_size: 512,
      scaling_factor: 0.18215,
    },
  },
  'paint-full': { unet: fullUnet },
  fast: {
    unet: fullUnet,
    vae: {
      _class_name: 'AutoencoderKL',
      block_out_channels: [128, 256, 512, 512],
      down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
      up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
      layers_per_block: 2,
      latent_channels: 4,
      norm_num_groups: 32,
      sample_size: 512,
      scaling_factor: 0.18215,
    },
  },
}

/** Width of the context rows. */
export function contextWidth({ unet }: ModelConfig): number {
  return (unet as { cross_attention_dim: number }).cross_attention_dim
}

/** Stable Diffusion 2.1-base's noise, as DPM-Solver++ 2M takes it: it adds none of its own, so both sides paint the same. */
export const scheduler: Readonly<Record<string, unknown>> = {
  _class_name: 'DPMSolverMultistepScheduler',
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  prediction_type: 'epsilon',
  algorithm_type: 'dpmsolver++',
  solver_order: 2,
  solver_type: 'midpoint',
  lower_order_final: true,
}
