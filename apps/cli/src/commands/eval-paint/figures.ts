import { join } from 'node:path'
import type { TaskOptions } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import {
  clipCosines,
  clipScore,
  comparePictures,
  type Estimate,
  type PictureComparison,
  type PromptLanguage,
  type RealSide,
  sessionProducts,
} from '@viscpm/eval'
import { type MeasuredPictures, measurePictures, saveMoments } from '@viscpm/eval/node'
import type { Eyes } from './features.js'
import type { EvalPaintOptions } from './options.js'

/** Pictures that are judged together. */
export interface PictureGroup {
  /** undefined: the model's own. */
  readonly guidance: number | undefined
  /** undefined: of pictures whose prompts are not known. */
  readonly language: PromptLanguage | undefined
  readonly files: readonly string[]
  /** As many as files, or none. */
  readonly prompts: readonly string[]
  /** Blacked out, or never painted: not allowed by a safety checker. */
  readonly withheld: number
}

/** One row of the table. */
export interface PaintRow extends Omit<PictureGroup, 'files' | 'prompts'> {
  readonly pictures: number
  readonly jpegs: number
  /** Absent for fewer than two pictures. */
  readonly comparison?: PictureComparison
  readonly clipScore?: Estimate
}

/** With many features every resample takes seconds: none then unless asked for. */
const defaultResamples = (dim: number): number => (dim <= 256 ? 100 : 0)

/** Looks at one group and compares it. @throws what reading pictures, the networks and the distances throw */
export async function judge(
  group: PictureGroup,
  eyes: Eyes,
  real: RealSide,
  options: EvalPaintOptions,
  task: TaskOptions,
): Promise<PaintRow> {
  const { extractor, clip, inception } = eyes
  const { files, prompts, ...row } = group
  const measured = await measurePictures(files, extractor, task)
  const { count, jpegs, features, moments } = measured
  if (options.saveStats !== undefined && moments) await saveMoments(statsFile(options.saveStats, group), moments)
  const cosines = await clipCosines(
    clip,
    prompts,
    inception ? (await clipOf(prompts.length > 0 ? files : [], eyes, task)).features : features,
    task,
  )
  const comparison = moments && (await compare({ features, moments }, extractor.dim, real, options, task))
  return {
    ...row,
    ...{ pictures: count, jpegs },
    ...(comparison && { comparison }),
    ...(cosines.length > 0 && { clipScore: clipScore(cosines) }),
  }
}

/** What Chinese-CLIP sees, where the distances are Inception's. */
function clipOf(files: readonly string[], { clip }: Eyes, task: TaskOptions): Promise<MeasuredPictures> {
  const extract = async (...args: Parameters<typeof clip.embedImages>) => (await clip.embedImages(...args)).data
  return measurePictures(
    files,
    { name: 'clip', dim: clip.config.projectionDim, extract, dispose: async () => {} },
    task,
  )
}

async function compare(
  painted: { readonly features: Float32Array; readonly moments: NonNullable<MeasuredPictures['moments']> },
  dim: number,
  real: RealSide,
  options: EvalPaintOptions,
  task: TaskOptions,
): Promise<PictureComparison> {
  const { resamples = defaultResamples(dim), subsets = 100, subsetSize = 1000, extrapolate = false } = options
  const fast = await sessionProducts(onnxruntimeNode(), dim, {
    ...(options.threads !== undefined && { threads: options.threads }),
  })
  try {
    const settings = { resamples, subsets, subsetSize, extrapolate, seed: 0, products: fast.products }
    return await comparePictures(painted, real, { ...settings, ...task })
  } finally {
    await fast.dispose()
  }
}

/** Where there are several groups each has a file of its own. */
function statsFile(file: string, { guidance, language }: PictureGroup): string {
  const parts = [language, guidance === undefined ? undefined : `guidance-${guidance}`]
  return file.replace(/(\.npz)?$/i, `${parts.map(part => (part === undefined ? '' : `-${part}`)).join('')}.npz`)
}

/** Files of painted records of one language. */
export function groupsOf(
  folder: string,
  guidance: number | undefined,
  records: readonly {
    readonly language: PromptLanguage
    readonly prompt: string
    readonly status: string
    readonly file?: string
  }[],
): PictureGroup[] {
  const languages = [...new Set(records.map(({ language }) => language))]
  return languages.map(language => {
    const all = records.filter(record => record.language === language)
    const there = all.filter(({ status }) => status === 'painted')
    return {
      ...{ guidance, language },
      files: there.map(({ file }) => join(folder, file!)),
      prompts: there.map(({ prompt }) => prompt),
      withheld: all.length - there.length,
    }
  })
}
