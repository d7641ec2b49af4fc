import { type Backend, ConfigError, type SessionOptions, type TaskOptions, VocabularyError } from '@viscpm/core'
import { buildCpmBeeGraph, type CpmBeeConfig, CpmBeeModel, CpmBeeTextEncoder, StreamedCpmBee } from '@viscpm/cpm-bee'
import type { CpmBeeTokenizer } from '@viscpm/tokenizer'
import {
  AutoencoderKL,
  buildTransBlockGraph,
  buildUNetGraph,
  buildVaeGraph,
  type PartWeights,
  TransBlock,
  UNet2DConditionModel,
  type UNetConfig,
  type VaeConfig,
} from '@viscpm/unet-sampler'
import { Stage } from './stage.js'

/** Where the networks' weights are, and how large they are; they may lie in one file or in several. */
export interface Networks extends SessionOptions {
  readonly backend: Backend
  readonly tokenizer: CpmBeeTokenizer
  /** CPM-Bee: keys `llm.*` of a VisCPM-Paint checkpoint. */
  readonly llm: PartWeights & { readonly config: CpmBeeConfig }
  /** Keys `trans_block.*`. */
  readonly transBlock: PartWeights
  /** Keys `unet.*`. */
  readonly unet: PartWeights & { readonly config: UNetConfig }
  /** Not part of the checkpoint: Stable Diffusion's. */
  readonly vae: PartWeights & { readonly config: VaeConfig }
  /**
   * 'normal' keeps all networks loaded. 'low' loads each when its turn comes and frees it before the next, the text encoder
   * layer by layer: the peak is the largest one's. The weights must then stay open as long as the model is used.
   */
  readonly memory?: 'normal' | 'low'
  /**
   * Decode pictures in overlapping tiles of this many latent pixels per side: memory stays that of one tile, colours may drift a little.
   * Default: none.
   */
  readonly vaeTile?: number
}

/** The text encoder with its trans_block: both are done when painting begins. */
export interface TextTower {
  readonly encoder: CpmBeeTextEncoder
  readonly transBlock: TransBlock
  dispose(): Promise<void>
}

/** The networks in the order of their use. */
export interface Stages {
  readonly text: Stage<TextTower>
  readonly unet: Stage<UNet2DConditionModel>
  readonly vaeEncoder: Stage<AutoencoderKL>
  readonly vaeDecoder: Stage<AutoencoderKL>
}

/**
 * Checks that the parts fit together and that every key is there; no weight is read.
 * @throws ConfigError, VocabularyError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function checkNetworks({ tokenizer, llm, transBlock, unet, vae }: Networks): Promise<void> {
  if (tokenizer.vocabSize !== llm.config.vocabSize)
    throw new VocabularyError({
      message: `the vocabulary has ${tokenizer.vocabSize} tokens, the model ${llm.config.vocabSize}`,
      hint: 'Give the vocabulary file that belongs to the checkpoint (bee.txt).',
    })
  const { dimIn, dimOut } = await buildTransBlockGraph(transBlock)
  const differ = (field: string, what: string, found: number, expected: number) => {
    if (found !== expected)
      throw new ConfigError({
        field,
        message: `is ${found}, but ${what} has ${expected}`,
        hint: 'The configurations are not of one model.',
      })
  }
  differ('dim_model', 'trans_block', llm.config.dimModel, dimIn)
  differ('cross_attention_dim', 'trans_block', unet.config.cross_attention_dim, dimOut)
  differ('out_channels', 'its own input', unet.config.out_channels, unet.config.in_channels)
  differ('latent_channels', 'the UNet', vae.config.latent_channels, unet.config.in_channels)
  await buildCpmBeeGraph(llm)
  await buildUNetGraph(unet)
  for (const part of ['encoder', 'decoder'] as const) await buildVaeGraph(part, vae)
}

/** How each network is loaded; nothing is, yet. */
export function stagesOf(networks: Networks): Stages {
  const { backend, tokenizer, memory = 'normal' } = networks
  const keep = memory === 'normal'
  const options = (task: TaskOptions) => ({ ...sessionOptions(networks), ...task, backend })
  const vae = (part: 'encoder' | 'decoder') =>
    new Stage(
      task => AutoencoderKL.load({ ...options(task), ...networks.vae, parts: [part], computeDtype: 'float32' }),
      keep,
    )
  return {
    text: new Stage(async task => {
      const transBlock = await TransBlock.load({ ...options(task), ...networks.transBlock })
      try {
        const load = keep ? CpmBeeModel.load : StreamedCpmBee.load
        const model = await load({ ...options(task), ...networks.llm, kvCache: 'float32' }) // it has no past to keep
        const dispose = async () => {
          await Promise.all([model.dispose(), transBlock.dispose()])
        }
        return { encoder: new CpmBeeTextEncoder({ model, tokenizer }), transBlock, dispose }
      } catch (error) {
        await transBlock.dispose()
        throw error
      }
    }, keep),
    unet: new Stage(task => UNet2DConditionModel.load({ ...options(task), ...networks.unet }), keep),
    vaeEncoder: vae('encoder'),
    vaeDecoder: vae('decoder'),
  }
}

function sessionOptions(options: SessionOptions): SessionOptions {
  const { threads, device, executionProviders, computeDtype, keepHalf, memoryArena } = options
  return {
    ...(threads !== undefined && { threads }),
    ...(device !== undefined && { device }),
    ...(executionProviders && { executionProviders }),
    ...(computeDtype !== undefined && { computeDtype }),
    ...(keepHalf !== undefined && { keepHalf }),
    ...(memoryArena !== undefined && { memoryArena }),
  }
}
