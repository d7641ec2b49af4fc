import { readFile } from 'node:fs/promises'
import { type Image, isVisCPMError, type TaskOptions } from '@viscpm/core'
import { mean, peakSignalToNoise } from '@viscpm/core/report'
import { findPainter, VisCPMPaint } from '@viscpm/paint/node'
import { featureDistance, PictureFeatures } from '@viscpm/reranker/node'
import { offPolicy, Safety } from '@viscpm/safety'
import { DPMSolverMultistepScheduler, type SchedulerConfig } from '@viscpm/unet-sampler'
import { embeddedRanker } from '../../painter/ranker.js'
import type { PaintingsCard } from './card.js'

export interface PaintingOptions extends TaskOptions {
  readonly prompts: readonly string[]
  readonly threads?: number
  readonly vocabulary?: string
  readonly config?: string
  /** Stages are loaded one after another. */
  readonly low: boolean
}

const seeds = [1000, 1001]
const steps = 20

/** Paints every prompt with every seed: 20 steps of DPM-Solver++ 2M. Progress: phase `paintings`, in pictures. */
export async function paintAll(where: string, options: PaintingOptions): Promise<Image[][]> {
  const { prompts, threads, vocabulary, config, low, signal, onProgress } = options
  const places = { ...(vocabulary !== undefined && { vocabulary }), ...(config !== undefined && { config }) }
  const { schedulerConfig } = await findPainter(where, places)
  const trained =
    schedulerConfig === undefined ? {} : (JSON.parse(await readFile(schedulerConfig, 'utf8')) as SchedulerConfig)
  const painter = await VisCPMPaint.load(where, {
    ...places,
    ranker: false,
    // Nothing of it is shown or kept: pictures are only compared.
    safety: new Safety({ policy: offPolicy }),
    memory: low ? 'low' : 'normal',
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  })
  try {
    const pictures: Image[][] = []
    for (const prompt of prompts) {
      const { candidates } = await painter.generate({
        ...{ prompt, steps, count: seeds.length, candidates: 1, seed: seeds },
        scheduler: DPMSolverMultistepScheduler.fromConfig(trained),
        ...(signal && { signal }),
        onStep: ({ step }) =>
          onProgress?.({
            phase: 'paintings',
            done: pictures.length + step / steps,
            total: prompts.length,
            unit: 'steps',
          }),
      })
      pictures.push(candidates.map(({ image }) => image))
    }
    return pictures
  } finally {
    await painter.dispose()
  }
}

/** Whether all parts of a painter can be found. */
export async function canPaint(
  where: string,
  places: Pick<PaintingOptions, 'vocabulary' | 'config'>,
): Promise<boolean> {
  try {
    await findPainter(where, places)
    return true
  } catch (error) {
    if (isVisCPMError(error, 'FILE_NOT_FOUND') || isVisCPMError(error, 'VOCABULARY')) return false
    throw error
  }
}

/** Compares pictures of the same prompts and seeds, with the eyes of the embedded model's ranker. @throws MissingDependencyError */
export async function comparePaintings(
  prompts: readonly string[],
  source: readonly (readonly Image[])[],
  converted: readonly (readonly Image[])[],
  threads: number | undefined,
): Promise<PaintingsCard> {
  const tower = await PictureFeatures.load(await embeddedRanker(), {
    ...(threads !== undefined && { threads }),
  })
  try {
    const between = async (a: Image, b: Image) => featureDistance(await tower.of(a), await tower.of(b), tower.width)
    const each: PaintingsCard['each'][number][] = []
    const others: number[] = []
    for (const [i, prompt] of prompts.entries()) {
      for (const [k, seed] of seeds.entries()) {
        const [a, b] = [source[i]![k]!, converted[i]![k]!]
        each.push({ prompt, seed, distance: await between(a, b), psnr: finite(peakSignalToNoise(a.data, b.data)) })
      }
      others.push(await between(source[i]![0]!, source[i]![1]!))
    }
    const bytes = (pictures: readonly (readonly Image[])[]) => Buffer.concat(pictures.flat().map(({ data }) => data))
    return {
      pictures: each.length,
      distance: mean(each.map(one => one.distance)),
      otherSeeds: mean(others),
      psnr: finite(peakSignalToNoise(bytes(source), bytes(converted))),
      each,
    }
  } finally {
    await tower.dispose()
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
