import { existsSync } from 'node:fs'
import { FileNotFoundError, type TaskOptions } from '@viscpm/core'
import { embeddedPlace } from '../embedded.js'
import type { Ranker, RankerOptions } from '../models.js'

/** Folder of the embedded model's Chinese-CLIP, there or not. @throws MissingDependencyError */
export const embeddedRanker = (): Promise<string> => embeddedPlace('paint', 'chinese-clip')

/** Loads the Chinese-CLIP of a folder; 'tiny' is the embedded one. @throws what `loadChineseCLIP` throws */
export async function loadRanker(where: string, options: RankerOptions & TaskOptions): Promise<Ranker> {
  const { loadChineseCLIP } = await import('@viscpm/reranker/node')
  const folder = where === 'tiny' ? await embeddedRanker() : where
  if (where === 'tiny' && !existsSync(folder))
    throw new FileNotFoundError({
      file: folder,
      message: 'the embedded model has no ranker',
      hint: 'Install a newer @viscpm/tiny, or give the folder of a Chinese-CLIP with --model.',
    })
  return loadChineseCLIP(folder, options)
}
