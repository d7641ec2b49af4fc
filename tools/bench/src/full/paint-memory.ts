import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { returningMemory } from '@viscpm/core/node'
import type { PaintPlaces } from '@viscpm/paint/node'
import { sdVaeConfig } from '@viscpm/unet-sampler'
import { startOurs } from '../peers.js'
import type { Reply } from '../protocol.js'
import { spread } from '../statistics.js'
import { vaeTensors } from '../synth/tensors.js'
import { synthVocabulary } from '../synth/vocabulary.js'
import { writeSafetensorsCheckpoint } from '../synth/write.js'
import { type PeakMemory, watchMemory } from './memory-watch.js'
import { writeQuantizedModel } from './quantized-model.js'
import { type FullRow, scored } from './row.js'
import { fullConfig, modelFormats } from './sizes.js'

/** What `VisCPMPaint.load` takes. */
export interface PainterPlaces {
  readonly where: string
  readonly places: PaintPlaces
}

/** A painter around the int8 UNet of `folder`: random int4 language model, VAE, vocabulary. Takes 5.7 GB of the disk. */
export async function writePainter(folder: string, int8: string): Promise<PainterPlaces> {
  const llm = join(folder, 'llm')
  const config = fullConfig()
  await writeQuantizedModel(llm, config, modelFormats['int4/128']!, 1)
  const vae = join(folder, 'vae')
  await mkdir(vae)
  await writeSafetensorsCheckpoint(join(vae, 'diffusion_pytorch_model.safetensors'), vaeTensors(sdVaeConfig), 2)
  const { vocab_size } = config.cpm_bee as { vocab_size: number }
  const vocabulary = join(folder, 'bee.txt')
  await writeFile(vocabulary, synthVocabulary(vocab_size))
  const sizes = join(llm, 'config.json')
  return { where: join(int8, 'model.safetensors'), places: { vocabulary, config: sizes, languageModel: llm, vae } }
}

export interface WholePicture extends Reply<'paintWhole'> {
  readonly memory: PeakMemory | undefined
}

/** One picture from prompt to pixels in a process of its own, as `viscpm paint --memory low` starts one. */
export async function paintWholePicture({ where, places }: PainterPlaces, threads: number): Promise<WholePicture> {
  const side = startOurs(returningMemory)
  const stop = watchMemory(side.pid!)
  try {
    await side.ask('info', { threads })
    const painted = await side.ask('paintWhole', { where, places, threads })
    return { ...painted, memory: stop() }
  } finally {
    stop()
    await side.end()
  }
}

const inGb = (mb: number): number => (mb * 2 ** 20) / 1e9

/** Rows of all runs. @param what the painter is, for the table */
export function memoryRows(runs: readonly WholePicture[], what: string): FullRow[] {
  const rows: FullRow[] = []
  // Where the system begins its maximum anew for each stage, that of the whole is the largest of them.
  const peaks = runs.map(({ peakMb, memory }) => Math.max(...Object.values(peakMb), memory?.resident ?? 0))
  if (peaks.every(peak => peak > 0))
    rows.push(
      scored(
        {
          what: `paint: peak of resident memory, 10B encoder included, one 512 x 512 picture (${what})`,
          unit: 'GB',
          goal: { floor: 4, aim: 2.5, better: 'lower' },
        },
        peaks.map(inGb),
        peaks.map(inGb),
      ),
    )
  const own = runs.map(({ memory }) => memory?.anonymous).filter(mb => mb !== undefined)
  if (own.length > 0) rows.push({ what: 'of that the process’s own', ours: spread(own.map(inGb)), unit: 'GB' })
  for (const [stage, name] of [
    ['text', 'reading the prompt'],
    ['denoise', 'denoising'],
    ['decode', 'decoding'],
  ] as const) {
    const mb = runs.map(({ peakMb }) => peakMb[stage]).filter(value => value !== undefined)
    if (mb.length > 0) rows.push({ what: `peak while ${name}`, ours: spread(mb.map(inGb)), unit: 'GB' })
    rows.push({ what: `seconds of ${name}`, ours: spread(runs.map(({ ms }) => ms[stage] / 1000)), unit: 's' })
  }
  return rows
}
