import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SetResult } from './result.js'

/** Golden folder -> the code that runs it. Loaded when asked for, so that `--only tokenizer` needs no runtime. */
const sets = {
  tokenizer: async (goldens: string) => (await import('./sets/tokenizer.js')).runTokenizer(goldens),
  packing: async (goldens: string) => (await import('./sets/packing.js')).runPacking(goldens),
  image: async (goldens: string) => (await import('./sets/image.js')).runImage(goldens),
  rng: async (goldens: string) => (await import('./sets/rng.js')).runRng(goldens),
  checkpoints: async (goldens: string) => (await import('./sets/checkpoints.js')).runCheckpoints(goldens),
  'cpm-bee': async (goldens: string) => (await import('./sets/cpm-bee.js')).runCpmBee(goldens),
  qformer: async (goldens: string) => (await import('./sets/qformer.js')).runQformer(goldens),
  generation: async (goldens: string) => (await import('./sets/generation.js')).runGeneration(goldens),
} as const satisfies Record<string, (goldens: string) => Promise<SetResult[]>>

export type SetName = keyof typeof sets

export const setNames: readonly SetName[] = Object.keys(sets) as SetName[]

/** Runs the sets whose folders are there, in turn. */
export async function* runParity(goldens: string, only: readonly SetName[] = setNames): AsyncGenerator<SetResult> {
  for (const name of only) {
    if (!existsSync(join(goldens, name))) continue
    yield* await sets[name](goldens)
  }
}
