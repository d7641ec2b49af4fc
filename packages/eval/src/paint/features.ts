import type { Image, TaskOptions } from '@viscpm/core'

/** Turns pictures into vectors that distances are taken between. */
export interface FeatureExtractor {
  /** For tables and files, with all that changes the numbers: 'inception-2048-clean'. */
  readonly name: string
  readonly dim: number
  /** float32 [pictures, dim]. @throws what the network throws; the signal's reason */
  extract(images: readonly Image[], options?: TaskOptions): Promise<Float32Array>
  dispose(): Promise<void>
}
