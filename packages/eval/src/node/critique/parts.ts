import type { Image, ImageCodec, TaskOptions } from '@viscpm/core'
import type { Reranker } from '@viscpm/reranker'
import type { DrawingJudge } from '../../critique/judge/judge.js'

/** What a comparison is made with. */
export interface CritiqueParts {
  /** Paints one picture for each seed. */
  readonly paint: (prompt: string, seeds: readonly number[], task: TaskOptions) => Promise<readonly Image[]>
  /** By the name that they have in the table. */
  readonly choosers: Readonly<Record<string, Pick<Reranker, 'score'>>>
  readonly judge: DrawingJudge
  readonly codec: ImageCodec
}
