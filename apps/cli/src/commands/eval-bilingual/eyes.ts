import { existsSync } from 'node:fs'
import { FileNotFoundError, type Image, type TaskOptions } from '@viscpm/core'
import { loadChineseCLIP, PictureFeatures } from '@viscpm/reranker/node'
import { embeddedRanker } from '../../painter/ranker.js'

/** A picture, as two measures see it: vectors whose cosine tells how alike two pictures are. */
export interface Seen {
  /** Of a Chinese-CLIP's common space. */
  readonly embedding: Float32Array
  /** What the embedded Chinese-CLIP's tower sees at every place after every layer. */
  readonly features: Float32Array
}

export interface EyesOptions extends TaskOptions {
  readonly threads?: number
}

/**
 * Looks at pictures. Progress: phase `vision`.
 * @param eyes folder of a Chinese-CLIP, or 'tiny'
 * @throws FileNotFoundError; MissingDependencyError without @viscpm/tiny; what loading throws
 */
export async function lookAt(
  images: readonly Image[],
  eyes: string,
  { threads, signal, onProgress }: EyesOptions,
): Promise<Seen[]> {
  const own = await embeddedRanker()
  const folder = eyes === 'tiny' ? own : eyes
  if (!existsSync(folder)) throw new FileNotFoundError({ file: folder, message: 'no such folder of a Chinese-CLIP' })
  const load = threads === undefined ? {} : { threads }
  const clip = await loadChineseCLIP(folder, load)
  try {
    const tower = await PictureFeatures.load(own, load)
    try {
      const seen: Seen[] = []
      for (const image of images) {
        signal?.throwIfAborted()
        const { data } = await clip.embedImages([image])
        seen.push({ embedding: data, features: joined(await tower.of(image)) })
        onProgress?.({ phase: 'vision', done: seen.length, total: images.length, unit: 'steps' })
        await new Promise(resolve => setTimeout(resolve)) // a run blocks the thread: whatever waits has its turn here
      }
      return seen
    } finally {
      await tower.dispose()
    }
  } finally {
    await clip.dispose()
  }
}

/** All layers in one: as every row has the length 1, the cosine is the mean over places and layers. */
function joined(layers: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(layers.reduce((n, layer) => n + layer.length, 0))
  let at = 0
  for (const layer of layers) {
    out.set(layer, at)
    at += layer.length
  }
  return out
}
