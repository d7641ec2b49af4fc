import type { SessionOptions, TaskOptions, Tensor } from '@viscpm/core'
import { buildQFormerGraph, QFormer, type QFormerOptions } from '@viscpm/qformer'

export interface VisionPartOptions extends QFormerOptions {
  /** Load it for each new picture only, and free it after. */
  readonly release: boolean
}

/** The part that sees: kept loaded, or loaded for its use and freed after it. */
export class VisionPart {
  private last: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly options: QFormerOptions,
    private readonly kept: QFormer | undefined,
  ) {}

  /** Loads what is kept; of what is not, only the keys are checked. @throws as `QFormer.load` */
  static async load({ release, ...options }: VisionPartOptions): Promise<VisionPart> {
    if (!release) return new VisionPart(options, await QFormer.load(options))
    await buildQFormerGraph(options)
    const { signal: _signal, onProgress: _onProgress, ...later } = options
    return new VisionPart({ ...later, ...halvesInPlace(options) }, undefined)
  }

  /** As `QFormer.encode`. One picture at a time, so that what is released is there once. */
  async encode(pixels: Float32Array, task: TaskOptions = {}): Promise<Tensor<'float32'>> {
    if (this.kept) return this.kept.encode(pixels, task)
    const run = this.last.then(async () => {
      const vision = await QFormer.load({ ...this.options, ...(task.signal && { signal: task.signal }) })
      try {
        return await vision.encode(pixels, task)
      } finally {
        await vision.dispose()
      }
    })
    this.last = run.catch(() => {})
    return run
  }

  /** Waits for what is under way. */
  async dispose(): Promise<void> {
    await this.last
    await this.kept?.dispose()
  }
}

/** Half weights stay in their file: widening all of them for one use takes longer, and the allocator would keep the memory. */
function halvesInPlace({ keepHalf, computeDtype }: SessionOptions): SessionOptions {
  return keepHalf ? {} : { keepHalf: true, computeDtype: computeDtype ?? 'float32' }
}
