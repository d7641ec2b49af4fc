import { type GraphBuilder, LayerNorm, Linear, Module, type Value } from '@viscpm/core/graph'
import { pictureTokens, type QFormerConfig } from '../config.js'
import { joined, Multiway, type Tokens } from './multiway.js'
import type { Observe } from './observe.js'

/**
 * Attention over picture tokens and queries together, with a norm before the output projection (sub-LN).
 * x: A [batch, patches + 1, dim], B [batch, queries, dim]; the result is that of the parts in `asking`, whose rows are
 * x's. Source: torchscale, MultiheadAttention.
 */
export class Attention extends Module {
  readonly k_proj: Multiway<Linear>
  readonly v_proj: Multiway<Linear>
  readonly q_proj: Multiway<Linear>
  readonly out_proj: Multiway<Linear>
  readonly inner_attn_ln: Multiway<LayerNorm>
  readonly #config: QFormerConfig

  constructor(config: QFormerConfig) {
    super()
    this.#config = config
    const { dim } = config
    const project = () => new Multiway(() => new Linear(dim, dim))
    this.k_proj = project()
    this.v_proj = project()
    this.q_proj = project()
    this.out_proj = project()
    this.inner_attn_ln = new Multiway(() => new LayerNorm(dim))
  }

  build(g: GraphBuilder, x: Tokens, asking: Tokens, observe: Observe): Tokens {
    const { numHeads } = this.#config
    const q = joined(g, this.q_proj.build(g, asking)) // [batch, rows asking, dim]
    const k = joined(g, this.k_proj.build(g, x)) // [batch, tokens, dim]
    const v = joined(g, this.v_proj.build(g, x))
    const context = g.op('MultiHeadAttention', [q, k, v], {
      domain: 'com.microsoft',
      attributes: { num_heads: numHeads, scale: { float: this.#scale } },
    })
    observe('attn_weights', [numHeads, 'batch', 'tokens', 'tokens'], () => this.#weights(g, q, k))
    return this.out_proj.build(g, this.inner_attn_ln.build(g, this.#parted(g, context, asking)))
  }

  get #scale(): number {
    return 1 / Math.sqrt(this.#config.dim / this.#config.numHeads)
  }

  /** The joined rows as the parts they came from. */
  #parted(g: GraphBuilder, rows: Value, { A, B }: Tokens): Tokens {
    if (!A || !B) return A ? { A: rows } : { B: rows }
    const [ofA, ofB] = g.splitAt(rows, g.ints(pictureTokens(this.#config), this.#config.queryNum), 2, 1)
    return { A: ofA, B: ofB }
  }

  /** What the fused attention does not show: softmax(q k^T), heads first as the original has it. */
  #weights(g: GraphBuilder, q: Value, k: Value): Value {
    const { dim, numHeads } = this.#config
    const heads = (y: Value) => g.transpose(g.reshape(y, 0, 0, numHeads, dim / numHeads), [2, 0, 1, 3])
    return g.softmax(g.fusedMatmul(heads(q), heads(k), { transB: true, alpha: this.#scale }))
  }
}
