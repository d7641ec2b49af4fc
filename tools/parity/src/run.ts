import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SetResult } from './result.js'
import { setSlack } from './tally.js'

export type SetName =
  | 'tokenizer'
  | 'packing'
  | 'image'
  | 'rng'
  | 'checkpoints'
  | 'cpm-bee'
  | 'qformer'
  | 'generation'
  | 'reranker'
  | 'safety'
  | 'schedulers'
  | 'unet'
  | 'vae'
  | 'paint'

/** Golden folder -> the code that runs it. Loaded when asked for, so that `--only tokenizer` needs no runtime. */
const sets: Readonly<Record<SetName, (goldens: string) => Promise<SetResult[]>>> = {
  tokenizer: async goldens => (await import('./sets/tokenizer.js')).runTokenizer(goldens),
  packing: async goldens => (await import('./sets/packing.js')).runPacking(goldens),
  image: async goldens => (await import('./sets/image.js')).runImage(goldens),
  rng: async goldens => (await import('./sets/rng.js')).runRng(goldens),
  checkpoints: async goldens => (await import('./sets/checkpoints.js')).runCheckpoints(goldens),
  'cpm-bee': async goldens => (await import('./sets/cpm-bee.js')).runCpmBee(goldens),
  qformer: async goldens => (await import('./sets/qformer.js')).runQformer(goldens),
  generation: async goldens => (await import('./sets/generation.js')).runGeneration(goldens),
  reranker: async goldens => (await import('./sets/reranker.js')).runReranker(goldens),
  safety: async goldens => (await import('./sets/safety.js')).runSafety(goldens),
  schedulers: async goldens => (await import('./sets/schedulers.js')).runSchedulers(goldens),
  unet: async goldens => (await import('./sets/unet.js')).runUNet(goldens),
  vae: async goldens => (await import('./sets/vae.js')).runVae(goldens),
  paint: async goldens => (await import('./sets/paint.js')).runPaint(goldens),
}

export const setNames: readonly SetName[] = Object.keys(sets) as SetName[]

/** Runs the sets whose folders are there, in turn. @param slack what tolerances are multiplied by */
export async function* runParity(
  goldens: string,
  only: readonly SetName[] = setNames,
  slack = 1,
): AsyncGenerator<SetResult> {
  setSlack(slack)
  for (const name of only) {
    if (!existsSync(join(goldens, name))) continue
    yield* await sets[name](goldens)
  }
}
