import type { ChatMode, Talk } from './chat.js'
import type { ChatFacts, PaintFacts } from './facts.js'
import type { Machine } from './machine.js'
import type { Painting, PaintMode } from './paint.js'
import type { StageCost } from './types.js'

/** What a stage took: `memory` is the largest of the process meanwhile, `after` what was left of it. */
export interface MeasuredStage extends Pick<StageCost, 'stage' | 'seconds' | 'memory'> {
  readonly after: number
}

interface Run {
  /** Names its facts. */
  readonly model: string
  readonly machine: Machine
  /** Processes that wanted a core when the run began. */
  readonly load: number
  readonly stages: readonly MeasuredStage[]
}

export interface MeasuredChat extends Run {
  readonly kind: 'chat'
  readonly mode: ChatMode
  readonly talk: Talk
  /** Median of one step. */
  readonly secondsPerStep: number
}

export interface MeasuredPaint extends Run {
  readonly kind: 'paint'
  readonly mode: PaintMode
  readonly painting: Painting
}

/** What `pnpm bench cost` writes: runs of models of the published widths, and what the cost model has to tell of them. */
export interface Measurements {
  readonly date: string
  readonly cpu: string
  readonly runtime: string
  readonly facts: Readonly<Record<string, { readonly chat: ChatFacts } | { readonly paint: PaintFacts }>>
  readonly runs: readonly (MeasuredChat | MeasuredPaint)[]
}
