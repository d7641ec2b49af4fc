import {
  type Backend,
  DisposedError,
  InvalidArgumentError,
  int32,
  type SessionOptions,
  type TaskOptions,
  type Tensor,
} from '@viscpm/core'
import { type Graph, GraphBuilder } from '@viscpm/core/graph'
import type { CpmBeeConfig } from '../config.js'
import { type ForwardInput, type ForwardModel, layerFeeds } from './forward.js'
import { bindCpmBee, type CpmBeeModelOptions } from './model.js'
import type { CpmBeeNetwork } from './network.js'

export interface StreamedCpmBeeOptions extends Omit<CpmBeeModelOptions, 'layerOutputs' | 'keepHalf'> {
  /** Layers that are in memory together. More are hardly faster, and take as many times the memory. Default 1. */
  readonly layersAtOnce?: number
}

export interface LayersOptions extends TaskOptions {
  /** Begin with what the first layer is given, as `layers` 0. Default false. */
  readonly embedding?: boolean
}

/** What the layers of a streamed model give, up to one of them. */
export interface LayerStates {
  /** How many layers have run; 0: the embeddings. */
  readonly layers: number
  readonly states: Tensor
}

/**
 * CPM-Bee for passes that need each weight once: layers are loaded from their file, run and freed, a few at a time. What is
 * in memory is those few, however large the model; every pass reads the whole file, from the system's cache where it can.
 * The weights must stay open as long as this is used. Passes wait for one another.
 */
export class StreamedCpmBee implements ForwardModel {
  readonly config: CpmBeeConfig
  readonly #network: CpmBeeNetwork
  readonly #backend: Backend
  readonly #session: SessionOptions
  readonly #runs: readonly (readonly [from: number, to: number])[]
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  private constructor(network: CpmBeeNetwork, options: StreamedCpmBeeOptions) {
    const { config, backend, threads, executionProviders, memoryArena, layersAtOnce = 1 } = options
    this.config = config
    this.#network = network
    this.#backend = backend
    // Widening a whole layer for good takes four times as long as widening its matrices for the one time they are needed.
    this.#session = {
      keepHalf: true,
      ...(threads !== undefined && { threads }),
      ...(executionProviders && { executionProviders }),
      ...(memoryArena !== undefined && { memoryArena }),
    }
    const { numLayers } = config
    this.#runs = Array.from({ length: Math.ceil(numLayers / layersAtOnce) }, (_, i) => [
      i * layersAtOnce,
      Math.min((i + 1) * layersAtOnce, numLayers),
    ])
  }

  /**
   * Checks that every key is there with its shape; no weight is read.
   * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError, InvalidArgumentError; the signal's reason when aborted
   */
  static async load(options: StreamedCpmBeeOptions): Promise<StreamedCpmBee> {
    const { layersAtOnce = 1, signal } = options
    if (!Number.isSafeInteger(layersAtOnce) || layersAtOnce < 1)
      throw new InvalidArgumentError({
        argument: 'layersAtOnce',
        message: `must be a positive whole number, not ${layersAtOnce}`,
      })
    signal?.throwIfAborted()
    return new StreamedCpmBee(bindCpmBee(options), options)
  }

  /**
   * One pass over a whole batch. Progress counts layers; between layers the event loop is let go and the signal looked at.
   * @returns `hidden_states` float32 [batch, length, dim] after the last norm; there are no other outputs
   * @throws InvalidArgumentError, SessionError, DisposedError; the signal's reason when aborted
   */
  async forward(
    input: ForwardInput,
    outputs: readonly string[] = ['hidden_states'],
    task: TaskOptions = {},
  ): Promise<Record<string, Tensor>> {
    const unknown = outputs.filter(name => name !== 'hidden_states')
    if (unknown.length > 0)
      throw new InvalidArgumentError({
        argument: 'outputs',
        message: `a streamed model has no ${unknown.join(', ')}`,
        hint: 'Load the model as a whole (CpmBeeModel).',
      })
    const running = this.#last.then(() => this.#forward(input, task))
    this.#last = running.catch(() => {})
    return running
  }

  async #forward(input: ForwardInput, task: TaskOptions): Promise<Record<string, Tensor>> {
    let hidden_states: Tensor | undefined
    for await (const { states } of this.layers(input, task)) hidden_states = states
    return { hidden_states: hidden_states! }
  }

  /**
   * The same pass, seen from the inside: what each run of layers gives, float32 [batch, length, dim]; of the last one after the
   * last norm. Between runs nothing but these is in memory. Such passes do not wait for others.
   * @throws as `forward`
   */
  async *layers(
    input: ForwardInput,
    { signal, onProgress, embedding = false }: LayersOptions = {},
  ): AsyncGenerator<LayerStates> {
    const given = layerFeeds(input, this.config)
    if (embedding) yield { layers: 0, states: await this.#embedding(given, signal) }
    const { numLayers } = this.config
    let hidden: Tensor | undefined
    for (const [from, to] of this.#runs) {
      if (this.#disposed) throw new DisposedError({ message: 'this model was disposed' })
      signal?.throwIfAborted()
      const g = new GraphBuilder(`cpm-bee layers ${from} to ${to - 1}`)
      this.#network.buildLayers(g, from, to)
      const outputs = await this.#run(await g.finish(), { ...given, hidden: hidden! })
      hidden = outputs.next_hidden
      onProgress?.({ phase: 'text', done: to, total: numLayers, unit: 'steps' })
      await new Promise(resolve => setTimeout(resolve)) // a run blocks the thread: whatever waits has its turn here
      yield { layers: to, states: (to === numLayers ? outputs.hidden_states : hidden)! }
    }
  }

  async #embedding(given: Readonly<Record<string, Tensor>>, signal: AbortSignal | undefined): Promise<Tensor> {
    if (this.#disposed) throw new DisposedError({ message: 'this model was disposed' })
    signal?.throwIfAborted()
    const g = new GraphBuilder('cpm-bee embedding')
    this.#network.buildEmbedding(g)
    return (await this.#run(await g.finish(), given)).embedding!
  }

  /**
   * The output head: logits float32 [rows, vocab + ext] of rows [rows, dim] of hidden states after the last norm.
   * @throws SessionError, DisposedError; the signal's reason when aborted
   */
  async logits(
    rows: Tensor,
    { extTableIds, extTableSub }: Pick<ForwardInput, 'extTableIds' | 'extTableSub'>,
    { signal }: TaskOptions = {},
  ): Promise<Tensor> {
    if (this.#disposed) throw new DisposedError({ message: 'this model was disposed' })
    signal?.throwIfAborted()
    const g = new GraphBuilder('cpm-bee head')
    this.#network.buildHead(g)
    const ext = { ext_table_ids: int32(extTableIds), ext_table_sub: int32(extTableSub) }
    return (await this.#run(await g.finish(), { rows, ...ext })).logits!
  }

  async #run(graph: Graph, values: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const session = await this.#backend.createSession(graph, this.#session)
    try {
      return await session.run(Object.fromEntries(session.inputNames.map(name => [name, values[name]!])))
    } finally {
      await session.dispose()
    }
  }

  /** Later passes are refused; one that is under way ends with a DisposedError after the layers it is at. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
  }
}
