import type { Backend, Session, SessionOptions, TaskOptions, Tensor, WeightSource } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder } from '@viscpm/core/graph'
import type { IgnoredPattern } from '@viscpm/core/weights'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { CpmBeeConfig } from '../config.js'
import type { Generation, LanguageModel, VisionRows } from '../engine.js'
import type { CacheLayout, KeyValueDType } from './cache-layout.js'
import { type ForwardInput, type ForwardModel, forwardFeeds } from './forward.js'
import { CachedGeneration } from './generation.js'
import { CpmBeeNetwork } from './network.js'

export interface CpmBeeModelOptions extends SessionOptions {
  readonly weights: WeightSource
  readonly config: CpmBeeConfig
  readonly backend: Backend
  /** Where the language model's keys begin: 'llm.' in a VisCPM checkpoint, '' in a CPM-Bee one. Default ''. */
  readonly prefix?: string
  /** Other keys under the prefix that may be there. */
  readonly ignored?: readonly IgnoredPattern[]
  /** Also output `embedding` and `layer.i` (for comparisons). */
  readonly layerOutputs?: boolean
  /**
   * How the cache of keys and values is kept. 'float32': as computed, the original's tokens exactly. 'float16' and 'int8' are
   * smaller and lose a little. Default 'int8' for quantized weights on the CPU, which lose more themselves; else 'float32'.
   */
  readonly kvCache?: KeyValueDType
}

function inFloat32OnCpu({ device = 'cpu', executionProviders, computeDtype = 'float32' }: SessionOptions): boolean {
  return device === 'cpu' && executionProviders === undefined && computeDtype === 'float32'
}

function keptAs(options: Omit<CpmBeeModelOptions, 'backend'>, network: CpmBeeNetwork): KeyValueDType {
  return options.kvCache ?? (network.quantized && inFloat32OnCpu(options) ? 'int8' : 'float32')
}

/** The network over its weights; none is read. @throws MissingKeyError, UnexpectedKeyError, WrongShapeError */
export function bindCpmBee({ config, weights, prefix, ignored }: Omit<CpmBeeModelOptions, 'backend'>): CpmBeeNetwork {
  const network = new CpmBeeNetwork(config)
  bindWeights(network, weights, { ...(prefix !== undefined && { prefix }), ...(ignored && { ignored }) })
  return network
}

/** Builds the graph of a CPM-Bee checkpoint; no weight is read. @throws MissingKeyError, UnexpectedKeyError, WrongShapeError */
export async function buildCpmBeeGraph(
  options: Omit<CpmBeeModelOptions, 'backend'>,
): Promise<{ graph: Graph; network: CpmBeeNetwork }> {
  const network = bindCpmBee(options)
  const g = new GraphBuilder('cpm-bee')
  network.build(g, { layerOutputs: options.layerOutputs ?? false, kvCache: keptAs(options, network) })
  return { graph: await g.finish(), network }
}

/** CPM-Bee ready to run: reads prompts, grows answers, gives hidden states. */
export class CpmBeeModel implements LanguageModel, ForwardModel {
  readonly vocabSize: number

  private constructor(
    readonly config: CpmBeeConfig,
    private readonly session: Session,
    private readonly cache: CacheLayout,
    readonly rowsAgree: boolean,
  ) {
    this.vocabSize = config.vocabSize
  }

  /** @throws MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError, InvalidArgumentError */
  static async load(options: CpmBeeModelOptions): Promise<CpmBeeModel> {
    const { graph, network } = await buildCpmBeeGraph(options)
    const session = await options.backend.createSession(graph, options)
    const kvCache = keptAs(options, network)
    // Products with quantized weights round what they multiply, and differently for one row than for several.
    const rowsAgree = kvCache === 'float32' && !network.quantized && inFloat32OnCpu(options)
    return new CpmBeeModel(options.config, session, network.cacheLayout(kvCache), rowsAgree)
  }

  prefill(
    batch: PackedBatch,
    sample: number,
    options: TaskOptions & { vision?: VisionRows } = {},
  ): Promise<Generation> {
    return CachedGeneration.start(this.session, this.config, this.cache, batch, sample, options)
  }

  /**
   * One pass over a whole batch without a cache.
   * @returns `hidden_states` [batch, length, dim] after the last norm, and any of `outputs`
   * (`logits` [batch * length, vocab + ext], `layer.i`, `embedding` where built with layerOutputs).
   */
  async forward(
    input: ForwardInput,
    outputs: readonly string[] = ['hidden_states'],
    { signal }: TaskOptions = {},
  ): Promise<Record<string, Tensor>> {
    signal?.throwIfAborted()
    // The runtime computes the logits even if nobody asks for them: then for no token at all.
    const feeds = forwardFeeds(input, this.config, this.cache, outputs.includes('logits'))
    return this.session.run(feeds, outputs)
  }

  async dispose(): Promise<void> {
    await this.session.dispose()
  }
}
