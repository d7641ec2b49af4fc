import { type GraphBuilder, LayerNorm, Linear, Module, type Value } from '@viscpm/core/graph'
import type { Observe } from '../blocks/observe.js'
import type { Conditions } from './conditions.js'
import type { TokenMerging } from './token-merging.js'

/** Multi-head attention without a mask. x: [batch, rows, dim], context: [batch, keys, contextDim] -> [batch, rows, dim]. */
export class Attention extends Module {
  readonly to_q: Linear
  readonly to_k: Linear
  readonly to_v: Linear
  readonly to_out: readonly [Linear]
  readonly #heads: number
  readonly #scale: number

  constructor(dim: number, contextDim: number, heads: number) {
    super()
    this.to_q = new Linear(dim, dim, { bias: false })
    this.to_k = new Linear(contextDim, dim, { bias: false })
    this.to_v = new Linear(contextDim, dim, { bias: false })
    this.to_out = [new Linear(dim, dim)]
    this.#heads = heads
    this.#scale = 1 / Math.sqrt(dim / heads)
  }

  build(g: GraphBuilder, x: Value, context: Value, observe: Observe): Value {
    const [q, k, v] = [this.to_q.build(g, x), this.to_k.build(g, context), this.to_v.build(g, context)]
    const mixed = g.attention(q, k, v, { heads: this.#heads, scale: this.#scale })
    return observe(this, this.to_out[0].build(g, mixed), 3)
  }
}

/** x * gelu(gate), both from one projection, exact (erf) GELU. x: [..., dim] -> [..., inner]. Source: arXiv 2002.05202. */
class GEGLU extends Module {
  readonly proj: Linear

  constructor(dim: number, inner: number) {
    super()
    this.proj = new Linear(dim, 2 * inner)
  }

  build(g: GraphBuilder, x: Value): Value {
    const [y, gate] = g.chunk(this.proj.build(g, x), 2, -1) as [Value, Value]
    return g.mul(y, g.gelu(gate))
  }
}

/** x: [..., dim] -> same, through 4 * dim. */
class FeedForward extends Module {
  readonly net: { readonly 0: GEGLU; readonly 2: Linear }

  constructor(dim: number) {
    super()
    this.net = { 0: new GEGLU(dim, 4 * dim), 2: new Linear(4 * dim, dim) }
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    return observe(this, this.net[2].build(g, this.net[0].build(g, x)), 3)
  }
}

/**
 * Self-attention, attention to the context, feed-forward, each with pre-norm and a residual.
 * x: [rows, pixels, dim] -> [batch, pixels, dim]. Source: diffusers, BasicTransformerBlock.
 */
export class BasicTransformerBlock extends Module {
  readonly norm1: LayerNorm
  readonly attn1: Attention
  readonly norm2: LayerNorm
  readonly attn2: Attention
  readonly norm3: LayerNorm
  readonly ff: FeedForward

  constructor(dim: number, contextDim: number, heads: number) {
    super()
    this.norm1 = new LayerNorm(dim)
    this.attn1 = new Attention(dim, dim, heads)
    this.norm2 = new LayerNorm(dim)
    this.attn2 = new Attention(dim, contextDim, heads)
    this.norm3 = new LayerNorm(dim)
    this.ff = new FeedForward(dim)
  }

  build(g: GraphBuilder, x: Value, conditions: Conditions, merging?: TokenMerging): Value {
    const { context, observe } = conditions
    const normed = observe(this.norm1, this.norm1.build(g, x), 3)
    const attend = (y: Value) => this.attn1.build(g, y, y, observe)
    const attended = merging ? merging.around(x, normed, attend) : attend(normed)
    const own = conditions.meetContext(g.add(x, attended), 3)
    const seen = g.add(own, this.attn2.build(g, this.norm2.build(g, own), context, observe))
    return observe(this, g.add(seen, this.ff.build(g, this.norm3.build(g, seen), observe)), 3)
  }
}
