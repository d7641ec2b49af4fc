import type { WeightSource } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import { ignoredPositionIds } from '@viscpm/core/transformers'
import type { IgnoredKey, IgnoredPattern } from '@viscpm/core/weights'
import type { ChineseCLIPConfig } from '../config.js'
import { type ChineseCLIPGraphOptions, ChineseCLIPNetwork } from './network.js'

export interface BuildChineseCLIPOptions extends ChineseCLIPGraphOptions {
  /** A checkpoint as transformers' ChineseCLIPModel writes it, of any dtype. */
  readonly weights: WeightSource
  readonly config: ChineseCLIPConfig
  /** Other keys that may be there. */
  readonly ignored?: readonly IgnoredPattern[]
}

export interface ChineseCLIPGraphs {
  readonly text: Graph
  readonly vision: Graph
  /** Keys of the checkpoint that no graph uses, with the reason. */
  readonly ignored: readonly IgnoredKey[]
}

/** Keys of a Chinese-CLIP checkpoint that are not weights. */
export const ignoredByChineseCLIP: readonly IgnoredPattern[] = [ignoredPositionIds]

/**
 * Builds the graphs of a checkpoint; no weight is read. `logit_scale` is in neither: it is applied to cosines.
 * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildChineseCLIPGraphs(options: BuildChineseCLIPOptions): Promise<ChineseCLIPGraphs> {
  const { weights, config, ignored = [] } = options
  const network = new ChineseCLIPNetwork(config)
  const skipped = bindWeights(network, weights, { ignored: [...ignoredByChineseCLIP, ...ignored] })
  const text = new GraphBuilder('chinese-clip-text')
  const vision = new GraphBuilder('chinese-clip-vision')
  network.buildText(text, options)
  network.buildVision(vision, options)
  return { text: await text.finish(), vision: await vision.finish(), ignored: skipped }
}
