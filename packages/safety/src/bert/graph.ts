import type { WeightSource } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import { ignoredPositionIds } from '@viscpm/core/transformers'
import type { IgnoredKey, IgnoredPattern } from '@viscpm/core/weights'
import type { BertClassifierConfig } from './config.js'
import { BertClassifierNetwork } from './network.js'

export interface BuildBertClassifierOptions {
  /** A checkpoint as transformers' BertForSequenceClassification writes it, of any dtype. */
  readonly weights: WeightSource
  readonly config: BertClassifierConfig
  /** Other keys that may be there. */
  readonly ignored?: readonly IgnoredPattern[]
}

export interface BertClassifierGraph {
  readonly classifier: Graph
  /** Keys of the checkpoint that the graph does not use, with the reason. */
  readonly ignored: readonly IgnoredKey[]
}

/**
 * Builds the graph of a checkpoint; no weight is read.
 * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildBertClassifierGraph(options: BuildBertClassifierOptions): Promise<BertClassifierGraph> {
  const { weights, config, ignored = [] } = options
  const network = new BertClassifierNetwork(config)
  const skipped = bindWeights(network, weights, { ignored: [ignoredPositionIds, ...ignored] })
  const g = new GraphBuilder('bert-classifier')
  network.build(g)
  return { classifier: await g.finish(), ignored: skipped }
}
