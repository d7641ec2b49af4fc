import type { WeightSource } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import { ignoredPositionIds } from '@viscpm/core/transformers'
import type { IgnoredKey, IgnoredPattern } from '@viscpm/core/weights'
import type { SafetyCheckerConfig } from './config.js'
import { type SafetyCheckerGraphOptions, SafetyCheckerNetwork } from './network.js'

export interface BuildSafetyCheckerOptions extends SafetyCheckerGraphOptions {
  /** A checkpoint as diffusers' StableDiffusionSafetyChecker writes it, of any dtype. */
  readonly weights: WeightSource
  readonly config: SafetyCheckerConfig
  /** Other keys that may be there. */
  readonly ignored?: readonly IgnoredPattern[]
}

export interface SafetyCheckerGraph {
  readonly vision: Graph
  /** Keys of the checkpoint that nothing uses, with the reason. */
  readonly ignored: readonly IgnoredKey[]
}

/** Keys of the four tensors that are no part of the graph: cosines are compared with them afterwards. */
export const safetyConceptKeys: readonly string[] = [
  'concept_embeds',
  'special_care_embeds',
  'concept_embeds_weights',
  'special_care_embeds_weights',
]

/**
 * Builds the graph of a checkpoint; no weight is read.
 * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildSafetyCheckerGraph(options: BuildSafetyCheckerOptions): Promise<SafetyCheckerGraph> {
  const { weights, config, ignored = [] } = options
  const network = new SafetyCheckerNetwork(config)
  const skipped = bindWeights(network, weights, { ignored: [ignoredPositionIds, ...ignored] })
  const g = new GraphBuilder('stable-diffusion-safety-checker')
  network.build(g, options)
  return { vision: await g.finish(), ignored: skipped }
}
