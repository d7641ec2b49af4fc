import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import type { IgnoredKey, IgnoredPattern } from '@viscpm/core/weights'
import { bindOptions, type PartWeights } from '../blocks/options.js'
import type { RangeRecorder } from '../quantize/recorder.js'
import type { VaeConfig } from './config.js'
import { VaeDecoderNetwork } from './decoder.js'
import { VaeEncoderNetwork } from './encoder.js'
import { newVaeKeys } from './keys.js'

/** encoder: pixels to latents (`encoder.*`, `quant_conv.*`); decoder: back (`decoder.*`, `post_quant_conv.*`). */
export type VaePart = 'encoder' | 'decoder'

export interface BuildVaeOptions extends PartWeights {
  readonly config: VaeConfig
  /** Also output the result of every module by its path, e.g. `decoder.mid_block` (for comparisons). Default false. */
  readonly intermediates?: boolean
  /** Also outputs the ranges of the layers' activations, for it. */
  readonly recorder?: RangeRecorder
}

/** Keys of the other part, which may be there or not. */
function otherPart(part: VaePart, prefix = ''): IgnoredPattern {
  const [other, fields] =
    part === 'encoder' ? ['decoder', 'decoder|post_quant_conv'] : ['encoder', 'encoder|quant_conv']
  const start = prefix.replaceAll(/[^\w]/g, '\\$&')
  return { pattern: new RegExp(`^${start}(${fields})\\.`), reason: `the VAE's ${other}, which is a graph of its own` }
}

/**
 * Builds the graph of one part of a VAE, from either spelling of its attention's keys; no weight is read.
 * @returns the graph, and the keys under the prefix that it does not use, with the reason.
 * @throws ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildVaeGraph(
  part: VaePart,
  options: BuildVaeOptions,
): Promise<{ graph: Graph; ignored: readonly IgnoredKey[] }> {
  const { config, weights, intermediates = false } = options
  const network = part === 'encoder' ? new VaeEncoderNetwork(config) : new VaeDecoderNetwork(config)
  const ignored = bindWeights(network, newVaeKeys(weights), bindOptions(options, [otherPart(part, options.prefix)]))
  const { g, declare } = options.recorder?.builder(`vae-${part}`) ?? { g: new GraphBuilder(`vae-${part}`) }
  network.build(g, intermediates)
  declare?.()
  return { graph: await g.finish(), ignored }
}
