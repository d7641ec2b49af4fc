import type { WeightSource } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import { checkKeys, type IgnoredKey, type IgnoredPattern, renamed } from '@viscpm/core/weights'
import type { QFormerConfig } from '../config.js'
import { type QFormerGraphOptions, QFormerNetwork } from './network.js'

export interface BuildQFormerOptions extends QFormerGraphOptions {
  /** A whole VisCPM checkpoint, or its vision part: `query`, `vpm.*`, `mapping.*`. */
  readonly weights: WeightSource
  readonly config: QFormerConfig
  /** Other keys that may be there. `llm.*` and the weights that pictures do not use are known already. */
  readonly ignored?: readonly IgnoredPattern[]
}

/** Keys of a VisCPM checkpoint that the vision part leaves alone. */
export const ignoredByQFormer: readonly IgnoredPattern[] = [
  { pattern: /^llm\./, reason: 'the language model, which another part of the program loads' },
  { pattern: /^vpm\.beit3\.text_embed\.weight$/, reason: "the tower's text embedding: only pictures go through it" },
  { pattern: /^vpm\.beit3\.vision_embed\.mask_token$/, reason: 'hides patches in pre-training only' },
  { pattern: /^vpm\.mim_head\.(weight|bias)$/, reason: 'predicts hidden patches in pre-training only' },
]

/** Weights that are not used must still be the configuration's: else the file is another model's. */
function checkUnused(weights: WeightSource, { dim, textVocab, mimHead }: QFormerConfig): void {
  const shapes: Record<string, readonly number[]> = {
    'vpm.beit3.text_embed.weight': [textVocab, dim],
    'vpm.beit3.vision_embed.mask_token': [1, 1, dim],
    'vpm.mim_head.weight': [mimHead[1], mimHead[0]],
    'vpm.mim_head.bias': [mimHead[1]],
  }
  const present = new Map(Object.entries(shapes).filter(([key]) => weights.has(key)))
  checkKeys({ source: renamed(weights, key => (present.has(key) ? key : undefined)), expected: present })
}

/**
 * Builds the graph of a checkpoint's vision part; no weight is read.
 * @returns the graph, and the keys it does not use with the reason.
 * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildQFormerGraph(
  options: BuildQFormerOptions,
): Promise<{ graph: Graph; ignored: readonly IgnoredKey[] }> {
  const { weights, config } = options
  const network = new QFormerNetwork(config)
  const ignored = bindWeights(network, weights, { ignored: [...ignoredByQFormer, ...(options.ignored ?? [])] })
  checkUnused(weights, config)
  const g = new GraphBuilder('qformer')
  network.build(g, options)
  return { graph: await g.finish(), ignored }
}
