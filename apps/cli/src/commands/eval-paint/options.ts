import type { InceptionDim, InceptionResize, PromptLanguage } from '@viscpm/eval'
import type { Shard } from '@viscpm/eval/node'
import type { GlobalOptions } from '../../context.js'
import type { PaintingOptions } from '../../options/paint.js'
import type { PainterModelOptions } from '../../options/painter-model.js'
import type { SafetyOptions } from '../../options/safety.js'

/** Options of `viscpm paint` that mean the same here. */
type SharedPainting = Pick<
  PaintingOptions,
  'steps' | 'size' | 'scheduler' | 'karras' | 'preset' | 'deepCache' | 'tokenMerging' | 'negative'
>

export interface EvalPaintOptions extends GlobalOptions, PainterModelOptions, SafetyOptions, SharedPainting {
  readonly real?: string
  readonly painted?: string
  readonly inception?: string
  readonly inceptionDim?: InceptionDim
  readonly resize?: InceptionResize
  readonly clip?: string
  readonly resamples?: number
  readonly subsets?: number
  readonly subsetSize?: number
  readonly extrapolate?: boolean
  readonly saveStats?: string
  readonly saveReal?: string
  readonly prompts?: string
  readonly language?: PromptLanguage | 'both'
  readonly limit?: number
  readonly output?: string
  /** Of the first prompt. */
  readonly seed?: bigint
  readonly guidance?: readonly number[]
  readonly candidates?: number
  readonly shard?: Shard
  readonly queue?: string
  readonly json?: boolean
}
