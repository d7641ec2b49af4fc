import type { DType } from '@viscpm/core'
import type { Parameter } from '@viscpm/core/graph'
import { type CpmBeeConfig, CpmBeeNetwork } from '@viscpm/cpm-bee'
import { type QFormerConfig, QFormerNetwork } from '@viscpm/qformer'
import {
  type UNetConfig,
  UNetNetwork,
  type VaeConfig,
  VaeDecoderNetwork,
  VaeEncoderNetwork,
} from '@viscpm/unet-sampler'

/** A tensor of a checkpoint that is yet to be written. */
export interface SynthTensor {
  readonly key: string
  readonly dtype: Extract<DType, 'float16' | 'float32'>
  readonly shape: readonly number[]
}

type Parameters = ReadonlyMap<string, Pick<Parameter, 'shape'>>

function* tensorsOf(parameters: Parameters, dtype: SynthTensor['dtype']): Generator<SynthTensor> {
  for (const [key, { shape }] of parameters) yield { key, dtype, shape }
}

/** Keys, shapes and dtypes of a VisCPM-Chat checkpoint (VLU_CPMBee), in its order: what pictures do not use, too. */
export function chatTensors(llm: CpmBeeConfig, vision: QFormerConfig): SynthTensor[] {
  const { dim, textVocab, mimHead } = vision
  const half = (key: string, ...shape: number[]): SynthTensor => ({ key, dtype: 'float16', shape })
  const found = [...tensorsOf(new QFormerNetwork(vision).namedParameters(), 'float16')]
  const tower = found.filter(({ key }) => key.startsWith('vpm.'))
  return [
    ...found.filter(({ key }) => key === 'query'),
    half('vpm.beit3.text_embed.weight', textVocab, dim),
    half('vpm.beit3.vision_embed.mask_token', 1, 1, dim),
    ...tower,
    half('vpm.mim_head.weight', mimHead[1], mimHead[0]),
    half('vpm.mim_head.bias', mimHead[1]),
    ...tensorsOf(new CpmBeeNetwork(llm).namedParameters('llm'), 'float16'),
    ...found.filter(({ key }) => key.startsWith('mapping.')),
  ]
}

/** Keys, shapes and dtypes of a VisCPM-Paint checkpoint: the language model in half, the rest in full precision. */
export function paintTensors(llm: CpmBeeConfig, unet: UNetConfig): SynthTensor[] {
  const single = (key: string, ...shape: number[]): SynthTensor => ({ key, dtype: 'float32', shape })
  return [
    ...tensorsOf(new UNetNetwork(unet).namedParameters('unet'), 'float32'),
    single('trans_block.w_out_res.weight', unet.cross_attention_dim, llm.dimModel),
    single('trans_block.layernorm.weight', unet.cross_attention_dim),
    single('trans_block.layernorm.bias', unet.cross_attention_dim),
    ...tensorsOf(new CpmBeeNetwork(llm).namedParameters('llm'), 'float16'),
  ]
}

/** Keys, shapes and dtypes of Stable Diffusion's VAE. */
export function vaeTensors(vae: VaeConfig): SynthTensor[] {
  const parts = [new VaeEncoderNetwork(vae), new VaeDecoderNetwork(vae)]
  return parts.flatMap(part => [...tensorsOf(part.namedParameters(), 'float32')])
}
