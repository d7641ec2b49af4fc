import { type Session, type TaskOptions, type Tensor, WrongShapeError } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder, LayerNorm, Linear, Module } from '@viscpm/core/graph'
import { bindOptions, type LoadOptions, type PartWeights } from '../blocks/options.js'
import { checkedFloats, checkFinite, damagedWeights } from '../blocks/values.js'

/** Between text encoder and UNet: a linear layer without bias, and a norm. Source: VisCPM, TransformerBlock. */
class TransBlockNetwork extends Module {
  readonly w_out_res: Linear
  readonly layernorm: LayerNorm

  constructor(dimIn: number, dimOut: number) {
    super()
    this.w_out_res = new Linear(dimIn, dimOut, { bias: false })
    this.layernorm = new LayerNorm(dimOut, 1e-6)
  }

  /** `hidden_states` [batch, tokens, dimIn] -> `encoder_hidden_states` [batch, tokens, dimOut] */
  build(g: GraphBuilder): void {
    const [dimOut, dimIn] = this.w_out_res.weight.shape as [number, number]
    const x = g.input('hidden_states', 'float32', ['batch', 'tokens', dimIn])
    const y = this.layernorm.build(g, this.w_out_res.build(g, x))
    g.output('encoder_hidden_states', y, 'float32', ['batch', 'tokens', dimOut])
  }
}

/** Both widths are those of the weight. */
function widths({ weights, prefix = '' }: PartWeights): [dimIn: number, dimOut: number] {
  const key = `${prefix}w_out_res.weight`
  const { shape } = weights.info(key)
  if (shape.length !== 2)
    throw new WrongShapeError({
      key,
      expected: [],
      actual: shape,
      message: `${weights.name}: ${key} has shape [${shape}], [width out, width in] is needed`,
    })
  return [shape[1]!, shape[0]!]
}

/**
 * Builds the graph of a trans_block; no weight is read.
 * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildTransBlockGraph(
  options: PartWeights,
): Promise<{ graph: Graph; dimIn: number; dimOut: number }> {
  const [dimIn, dimOut] = widths(options)
  const network = new TransBlockNetwork(dimIn, dimOut)
  bindWeights(network, options.weights, bindOptions(options))
  const g = new GraphBuilder('trans-block')
  network.build(g)
  return { graph: await g.finish(), dimIn, dimOut }
}

/** Leads hidden states of the language model to the width of the UNet's context. */
export class TransBlock {
  readonly dimIn: number
  readonly dimOut: number
  readonly #session: Session

  private constructor(dimIn: number, dimOut: number, session: Session) {
    this.dimIn = dimIn
    this.dimOut = dimOut
    this.#session = session
  }

  /** Takes its widths from the weights. @throws MissingKeyError, UnexpectedKeyError, WrongShapeError, SessionError */
  static async load(options: LoadOptions): Promise<TransBlock> {
    options.signal?.throwIfAborted()
    const { graph, dimIn, dimOut } = await buildTransBlockGraph(options)
    return new TransBlock(dimIn, dimOut, await options.backend.createSession(graph, options))
  }

  /**
   * @param hiddenStates [batch, tokens, dimIn], rows of padding included.
   * @returns [batch, tokens, dimOut]
   * @throws InvalidArgumentError for another shape or dtype, NonFiniteError for NaN or infinity, DisposedError
   */
  async run(hiddenStates: Tensor, options: Pick<TaskOptions, 'signal'> = {}): Promise<Tensor<'float32'>> {
    options.signal?.throwIfAborted()
    const hidden_states = checkedFloats('hiddenStates', hiddenStates, ['batch', 'tokens', this.dimIn])
    const { encoder_hidden_states } = await this.#session.run({ hidden_states })
    const out = encoder_hidden_states as Tensor<'float32'>
    checkFinite(out.data, i => `trans_block gives ${out.data[i]}`, damagedWeights)
    return out
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#session.dispose()
  }
}
