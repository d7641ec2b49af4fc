import { InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { type ClipTowers, clipFeatures, type FeatureExtractor, InceptionFeatures, type Moments } from '@viscpm/eval'
import { listPictures, loadMoments, type MeasuredPictures, measurePictures } from '@viscpm/eval/node'
import { loadChineseCLIP } from '@viscpm/reranker/node'
import { embeddedPlace } from '../../embedded.js'
import { embeddedRanker } from '../../painter/ranker.js'
import type { EvalPaintOptions } from './options.js'

/** What pictures are looked at with. */
export interface Eyes {
  readonly extractor: FeatureExtractor
  readonly clip: ClipTowers
  /** Whether the distances are FID and KID: Inception's. */
  readonly inception: boolean
  dispose(): Promise<void>
}

/** Pictures to compare with. */
export type Real =
  | { readonly where: string; readonly files: readonly string[] }
  | { readonly where: string; readonly moments: Moments }

/** Loads Inception where a file is named, and a Chinese-CLIP. @throws what loading either throws */
export async function openEyes(options: EvalPaintOptions, signal: AbortSignal): Promise<Eyes> {
  const { inception, inceptionDim, resize = 'clean', threads, clip: folder } = options
  const session = { ...(threads !== undefined && { threads }), signal }
  const clip = await loadChineseCLIP(folder ?? (await embeddedRanker()), {
    ...session,
    name: folder === undefined ? 'embedded' : 'chinese-clip',
  })
  if (inception === undefined) {
    const extractor = clipFeatures(clip)
    return { extractor, clip, inception: false, dispose: () => clip.dispose() }
  }
  try {
    const weights = await openCheckpoint(inception)
    try {
      const backend = onnxruntimeNode()
      const dim = inceptionDim ?? 2048
      const extractor = await InceptionFeatures.load({ ...session, weights, resize, dim, backend })
      const dispose = async (): Promise<void> => {
        await Promise.all([extractor.dispose(), clip.dispose()])
      }
      return { extractor, clip, inception: true, dispose }
    } finally {
      await weights.close()
    }
  } catch (error) {
    await clip.dispose()
    throw error
  }
}

/**
 * Finds the real pictures, or reads their statistics: before anything is painted.
 * @throws FileNotFoundError, FileFormatError; InvalidArgumentError for statistics of other features
 */
export async function findReal({ real }: EvalPaintOptions, { extractor }: Eyes): Promise<Real> {
  if (real === undefined) {
    const folders = ['pictures', 'eval'].map(async name => listPictures(await embeddedPlace(name)))
    const files = (await Promise.all(folders)).flat()
    return { where: '@viscpm/tiny', files }
  }
  if (!/\.npz$/i.test(real)) return { where: real, files: await listPictures(real) }
  const moments = await loadMoments(real)
  if (moments.dim !== extractor.dim)
    throw new InvalidArgumentError({
      argument: real,
      message: `statistics of ${moments.dim} features, ${extractor.name} has ${extractor.dim}`,
      hint: 'Statistics compare only with features of the network, layer and resize that they were made with.',
    })
  return { where: real, moments }
}

/** The numbers of the real pictures. @throws what reading pictures and the network throw */
export async function measureReal(
  real: Real,
  { extractor }: Eyes,
  task: TaskOptions,
): Promise<{ readonly moments: Moments; readonly features?: Float32Array }> {
  if ('moments' in real) return real
  const { moments, features }: MeasuredPictures = await measurePictures(real.files, extractor, task)
  if (moments) return { moments, features }
  throw new InvalidArgumentError({ argument: real.where, message: 'has one picture, a distance takes two or more' })
}
