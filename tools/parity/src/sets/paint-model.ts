import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeModel, CpmBeeTextEncoder, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import {
  DDIMScheduler,
  DDPMScheduler,
  type Denoiser,
  PNDMScheduler,
  parseUNetConfig,
  type Scheduler,
  TransBlock,
  UNet2DConditionModel,
} from '@viscpm/unet-sampler'

/** A recorded case, as index.json has it. */
export interface PaintCase {
  readonly name: string
  readonly prompt: string
  readonly negative_prompt?: string
  readonly guidance_scale: number
  readonly width?: number
  readonly height?: number
  readonly image_size?: number
  readonly steps?: number
  readonly seed: number | readonly number[]
  readonly num_images?: number
  readonly scheduler?: 'ddim' | 'pndm'
  readonly latents_seed?: number
  readonly checkpoint?: string
  readonly checkers?: object
  readonly timesteps?: readonly number[]
  readonly stored_steps?: readonly number[]
  readonly images?: readonly string[]
  readonly candidates?: readonly string[]
  readonly rank?: readonly { readonly scores: readonly number[]; readonly chosen: number }[]
  readonly nsfw?: readonly boolean[] | null
  readonly returns_none?: boolean
}

/** Pictures painted per picture asked for: four where the original ranked. */
export const candidatesOf = (c: PaintCase): number => (c.checkers ? 4 : 1)

export function sizeOf(c: PaintCase): { width: number; height: number } {
  const side = c.image_size ?? 0
  return { width: c.width ?? side, height: c.height ?? side }
}

/** The case's scheduler with the recorded config, read as diffusers 0.15.0 did. */
export function schedulerOf(c: PaintCase, config: Readonly<Record<string, unknown>>): Scheduler {
  if (c.scheduler === 'ddim') return DDIMScheduler.fromConfig(config)
  if (c.scheduler === 'pndm') return PNDMScheduler.fromConfig(config)
  return DDPMScheduler.fromConfig(config, DDPMScheduler.diffusers015)
}

/** What the UNet was asked and answered, one entry per evaluation. */
export interface Evaluation {
  readonly timestep: number
  readonly output: Tensor<'float32'>
}

/** A checkpoint's parts, each loaded by itself. */
export interface PaintParts {
  readonly tokenizer: CpmBeeTokenizer
  readonly encoder: CpmBeeTextEncoder
  readonly transBlock: TransBlock
  readonly unet: UNet2DConditionModel
  dispose(): Promise<void>
}

export const readJson = async <T>(...path: string[]): Promise<T> =>
  JSON.parse(await readFile(join(...path), 'utf8')) as T

export async function loadParts(folder: string, file: string): Promise<PaintParts> {
  const weights = await openCheckpoint(join(folder, file))
  const backend = onnxruntimeNode()
  const tokenizer = CpmBeeTokenizer.fromVocabulary(await readFile(join(folder, 'tokenizer/vocabs/bee.txt')))
  const llm = parseCpmBeeConfig(await readJson(folder, 'config/cpm-bee-tiny.json'))
  const config = parseUNetConfig(await readJson(folder, 'unet/config.json'))
  const model = await CpmBeeModel.load({ weights, backend, config: llm, prefix: 'llm.' })
  const transBlock = await TransBlock.load({ weights, backend, prefix: 'trans_block.' })
  const unet = await UNet2DConditionModel.load({ weights, backend, config, prefix: 'unet.' })
  await weights.close()
  return {
    tokenizer,
    encoder: new CpmBeeTextEncoder({ model, tokenizer }),
    transBlock,
    unet,
    async dispose() {
      for (const part of [model, transBlock, unet]) await part.dispose()
    },
  }
}

/** The UNet, with a record of what it gave. */
export function watched(unet: Denoiser, evaluations: Evaluation[]): Denoiser {
  return {
    async run(sample, timestep, context, options) {
      const output = await unet.run(sample, timestep, context, options)
      evaluations.push({ timestep, output })
      return output
    },
  }
}
