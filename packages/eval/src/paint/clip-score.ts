import type { Image, TaskOptions } from '@viscpm/core'
import { mean } from '@viscpm/core/report'
import type { ChineseCLIP } from '@viscpm/reranker'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import type { FeatureExtractor } from './features.js'

/** What is needed of a Chinese-CLIP. */
export type ClipTowers = Pick<ChineseCLIP, 'name' | 'config' | 'embedText' | 'embedImages' | 'dispose'>

/**
 * Rows of length 1 from Chinese-CLIP's picture tower. A Fréchet distance of these is no FID and compares with none; that CLIP
 * features serve is CMMD's finding (arXiv 2401.09603), which takes the kernel distance.
 */
export function clipFeatures(clip: ClipTowers): FeatureExtractor {
  return {
    name: `clip-${clip.name}`,
    dim: clip.config.projectionDim,
    extract: async (images, task) => (await clip.embedImages(images, task)).data,
    dispose: () => clip.dispose(),
  }
}

/**
 * Cosine of each prompt and its picture. Where the pictures' features are known already, they are taken as they are.
 * @param pictures as many as prompts, or their features [pictures, projectionDim], every row of length 1
 * @throws what `ChineseCLIP` throws: a prompt that is too long is cut off
 */
export async function clipCosines(
  clip: ClipTowers,
  prompts: readonly string[],
  pictures: readonly Image[] | Float32Array,
  task: TaskOptions = {},
): Promise<number[]> {
  if (prompts.length === 0) return []
  const { projectionDim: dim } = clip.config
  const texts = (await clip.embedText(prompts, { ...task, truncate: true })).data
  const seen = pictures instanceof Float32Array ? pictures : (await clip.embedImages(pictures, task)).data
  return prompts.map((_, i) => {
    let cosine = 0
    for (let k = i * dim; k < (i + 1) * dim; k++) cosine += texts[k]! * seen[k]!
    return cosine
  })
}

/**
 * 100 times the mean cosine, with its bootstrap interval. Below 0 counts as 0 in each picture, as the definition has it.
 * Source: J. Hessel et al., CLIPScore (arXiv 2104.08718), without its factor 2.5.
 */
export function clipScore(cosines: readonly number[], options: BootstrapOptions = {}): Estimate {
  return bootstrap(
    cosines.map(cosine => 100 * Math.max(0, cosine)),
    mean,
    options,
  )
}
