import type { Backend, SessionOptions, WeightSource } from '@viscpm/core'
import type { BindOptions } from '@viscpm/core/graph'
import type { IgnoredPattern } from '@viscpm/core/weights'

/** Where a part's weights are. */
export interface PartWeights {
  readonly weights: WeightSource
  /** Where the part's keys begin, e.g. 'unet.' in a VisCPM-Paint checkpoint; '' in a file of its own. Default ''. */
  readonly prefix?: string
  /** Other keys under the prefix that may be there. */
  readonly ignored?: readonly IgnoredPattern[]
}

/** What loading any part takes, besides its configuration. */
export interface LoadOptions extends PartWeights, SessionOptions {
  readonly backend: Backend
}

export function bindOptions(
  { prefix = '', ignored = [] }: PartWeights,
  more: readonly IgnoredPattern[] = [],
): BindOptions {
  return { prefix, ignored: [...more, ...ignored] }
}
