import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import type { IgnoredKey } from '@viscpm/core/weights'
import { bindOptions, type PartWeights } from '../blocks/options.js'
import type { RangeRecorder } from '../quantize/recorder.js'
import { checkBranch, checkTokenMerging } from './checks.js'
import type { UNetConfig } from './config.js'
import { type UNetGraphOptions, UNetNetwork } from './network.js'

export interface BuildUNetOptions extends PartWeights, UNetGraphOptions {
  readonly config: UNetConfig
  /** Also outputs the ranges of the layers' activations, for it. */
  readonly recorder?: RangeRecorder
}

/**
 * Builds the graph of a UNet; no weight is read.
 * @returns the graph, and the keys under the prefix that it does not use, with the reason.
 * @throws InvalidArgumentError, ConfigError, MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildUNetGraph(
  options: BuildUNetOptions,
): Promise<{ graph: Graph; ignored: readonly IgnoredKey[] }> {
  checkTokenMerging(options.tokenMerging)
  if (options.shallow !== undefined) checkBranch(options.shallow, options.config.layers_per_block + 1)
  const network = new UNetNetwork(options.config)
  const ignored = bindWeights(network, options.weights, bindOptions(options))
  const { g, declare } = options.recorder?.builder('unet') ?? { g: new GraphBuilder('unet') }
  network.build(g, options)
  declare?.()
  return { graph: await g.finish(), ignored }
}
