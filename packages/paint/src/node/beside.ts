import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { TaskOptions, WeightSource } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import { type LayerRanges, newVaeKeys, writeQuantized } from '@viscpm/unet-sampler'
import type { Found } from './load.js'
import type { PaintFiles } from './places.js'

/** Copies what lies beside a painter's checkpoint to where it is looked for in `folder`. */
export async function copyBeside(files: PaintFiles, folder: string, { unet }: Pick<Found, 'unet'>): Promise<void> {
  const copies: readonly (readonly [string | undefined, string])[] = [
    [files.vocabulary, 'bee.txt'],
    [files.config, 'config.json'],
    [files.schedulerConfig, join('scheduler', 'scheduler_config.json')],
    [files.generationConfig, 'generation_config.json'],
    [files.vae.config, join('vae', 'config.json')],
    [files.vae.previewFactors, join('vae', 'preview_factors.json')],
  ]
  for (const [from, to] of copies) if (from !== undefined) await copied(from, join(folder, to))
  const config = join(folder, 'unet', 'config.json')
  if (files.unetConfig === undefined) {
    await mkdir(dirname(config), { recursive: true })
    await writeFile(config, `${JSON.stringify({ _class_name: 'UNet2DConditionModel', ...unet.config }, null, 2)}\n`)
  } else await copied(files.unetConfig, config)
  if (files.ranker !== undefined) await cp(files.ranker, join(folder, 'chinese-clip'), { recursive: true })
}

/** The VAE's weights: as they are, or with an int8 decoder. */
export async function writeVae(
  files: PaintFiles,
  folder: string,
  weights: WeightSource,
  ranges: LayerRanges | undefined,
  task: TaskOptions,
): Promise<void> {
  const { weights: file } = files.vae
  const name = extname(file) === '.safetensors' || ranges ? 'diffusion_pytorch_model.safetensors' : basename(file)
  const to = join(folder, 'vae', name)
  if (!ranges) return copied(file, to)
  await mkdir(dirname(to), { recursive: true })
  await writeQuantized(await openAtomicSink(to), { weights: newVaeKeys(weights), ranges, ...task })
}

async function copied(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
}
