import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type CpmBeeConfig, cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large, type QFormerConfig } from '@viscpm/qformer'
import { sd21BaseUNetConfig, sdVaeConfig, type UNetConfig, type VaeConfig } from '@viscpm/unet-sampler'
import { chatTensors, paintTensors, vaeTensors } from './tensors.js'
import { synthVocabulary } from './vocabulary.js'
import {
  bytesOf,
  checkFreeDisk,
  type OnBytes,
  writeBeside,
  writeSafetensorsCheckpoint,
  writeTorchCheckpoint,
} from './write.js'

export interface SynthOptions {
  readonly seed?: number
  readonly onBytes?: OnBytes
}

export interface SynthChat extends SynthOptions {
  /** Default: the published one's. */
  readonly llm?: CpmBeeConfig
  readonly vision?: QFormerConfig
}

export interface SynthPaint extends SynthOptions {
  readonly llm?: CpmBeeConfig
  readonly unet?: UNetConfig
  readonly vae?: VaeConfig
}

/** What was written. */
export interface SynthWritten {
  readonly file: string
  readonly bytes: number
  readonly tensors: number
}

export const chatFile = 'viscpm_chat_balance_checkpoint.pt'
export const paintFile = 'viscpm_paint_balance_checkpoint.pt'

/** CPM-Bee's sizes in upstream's names. */
function cpmBeeJson(config: CpmBeeConfig): Record<string, unknown> {
  return {
    vocab_size: config.vocabSize,
    dim_model: config.dimModel,
    dim_ff: config.dimFF,
    num_layers: config.numLayers,
    num_heads: config.numHeads,
    dim_head: config.dimHead,
    dropout_p: 0,
    position_bias_num_buckets: config.positionBiasNumBuckets,
    position_bias_num_segment_buckets: config.positionBiasNumSegmentBuckets,
    position_bias_max_distance: config.positionBiasMaxDistance,
    eps: config.eps,
    half: config.half,
  }
}

/** Writes a folder that VisCPMChat.load takes: random weights as published, vocabulary, sizes. @throws Error */
export async function writeSynthChat(folder: string, options: SynthChat = {}): Promise<SynthWritten> {
  const { llm = cpmBee10b, vision = beit3Large, seed = 1, onBytes } = options
  const tensors = chatTensors(llm, vision)
  await mkdir(folder, { recursive: true })
  await checkFreeDisk(
    folder,
    tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
  )
  await writeBeside(folder, 'bee.txt', synthVocabulary(llm.vocabSize))
  await writeBeside(folder, 'config.json', {
    model_type: 'viscpm-chat',
    name: 'random weights of VisCPM-Chat',
    cpm_bee: cpmBeeJson(llm),
    beit3: {
      img_size: vision.imageSize,
      patch: vision.patchSize,
      dim: vision.dim,
      heads: vision.numHeads,
      layers: vision.numLayers,
      mlp_ratio: vision.dimFF / vision.dim,
      text_vocab: vision.textVocab,
      mim_head: vision.mimHead,
    },
    query_num: vision.queryNum,
    image_size: vision.imageSize,
  })
  const file = join(folder, chatFile)
  return { file, bytes: await writeTorchCheckpoint(file, tensors, seed, onBytes), tensors: tensors.length }
}

/** Writes a folder that VisCPMPaint.load takes. @throws Error */
export async function writeSynthPaint(folder: string, options: SynthPaint = {}): Promise<SynthWritten> {
  const { llm = cpmBee10b, unet = sd21BaseUNetConfig, vae = sdVaeConfig, seed = 1, onBytes } = options
  const tensors = paintTensors(llm, unet)
  const ofVae = vaeTensors(vae)
  await mkdir(folder, { recursive: true })
  await checkFreeDisk(
    folder,
    [...tensors, ...ofVae].reduce((sum, tensor) => sum + bytesOf(tensor), 0),
  )
  await writeBeside(folder, 'bee.txt', synthVocabulary(llm.vocabSize))
  await writeBeside(folder, 'config.json', { name: 'random weights of VisCPM-Paint', cpm_bee: cpmBeeJson(llm) })
  await writeBeside(folder, join('unet', 'config.json'), unet)
  const levels = (type: string) => vae.block_out_channels.map(() => type)
  await writeBeside(folder, join('vae', 'config.json'), {
    ...vae,
    down_block_types: levels('DownEncoderBlock2D'),
    up_block_types: levels('UpDecoderBlock2D'),
  })
  await writeSafetensorsCheckpoint(join(folder, 'vae', 'diffusion_pytorch_model.safetensors'), ofVae, seed + 1)
  const file = join(folder, paintFile)
  return { file, bytes: await writeTorchCheckpoint(file, tensors, seed, onBytes), tensors: tensors.length }
}
