import { type GraphBuilder, Module, type Value } from '@viscpm/core/graph'
import type { CpmBeeConfig } from '../config.js'
import { Attention, type AttentionInput, type LayerCache } from './attention.js'
import { RMSNorm, ScaledLinear } from './scaled-linear.js'

/** (x + y) / 1.05: CPM-Bee's residual. */
function residual(g: GraphBuilder, x: Value, y: Value): Value {
  return g.div(g.add(x, y), g.scalar(1.05))
}

/** Pre-norm attention with CPM-Bee's scaled residual. */
class SelfAttentionBlock extends Module {
  readonly layernorm_before_attention: RMSNorm
  readonly self_attention: Attention

  constructor(config: CpmBeeConfig) {
    super()
    this.layernorm_before_attention = new RMSNorm(config.dimModel, config.eps)
    this.self_attention = new Attention(config)
  }

  build(g: GraphBuilder, x: Value, input: AttentionInput, past: LayerCache): { out: Value; present: LayerCache } {
    const { out, present } = this.self_attention.build(g, this.layernorm_before_attention.build(g, x), input, past)
    return { out: residual(g, x, out), present }
  }
}

/** Gated feed-forward: w_out(gelu(w_0 x) * w_1 x), exact (erf) GELU. Source: CPM-Bee, FeedForward. */
class FeedForward extends Module {
  readonly w_in: { readonly w_0: ScaledLinear; readonly w_1: ScaledLinear }
  readonly w_out: ScaledLinear

  constructor({ dimModel, dimFF }: CpmBeeConfig) {
    super()
    this.w_in = { w_0: new ScaledLinear(dimModel, dimFF), w_1: new ScaledLinear(dimModel, dimFF) }
    this.w_out = new ScaledLinear(dimFF, dimModel)
  }

  build(g: GraphBuilder, x: Value): Value {
    const [gate, up] = ScaledLinear.together(g, x, [this.w_in.w_0, this.w_in.w_1]) as [Value, Value] // [batch, seq, dimFF]
    return this.w_out.build(g, g.mul(g.gelu(gate), up))
  }
}

class FeedForwardBlock extends Module {
  readonly layernorm_before_ffn: RMSNorm
  readonly ffn: FeedForward

  constructor(config: CpmBeeConfig) {
    super()
    this.layernorm_before_ffn = new RMSNorm(config.dimModel, config.eps)
    this.ffn = new FeedForward(config)
  }

  build(g: GraphBuilder, x: Value): Value {
    return residual(g, x, this.ffn.build(g, this.layernorm_before_ffn.build(g, x)))
  }
}

/** One CPM-Bee layer; either half may be left out (`mask_modules`). */
export class TransformerBlock extends Module {
  readonly self_att: SelfAttentionBlock | undefined
  readonly ffn: FeedForwardBlock | undefined

  constructor(config: CpmBeeConfig, layer: number) {
    super()
    const [noAttention, noFeedForward] = config.maskModules?.[layer] ?? [false, false]
    this.self_att = noAttention ? undefined : new SelfAttentionBlock(config)
    this.ffn = noFeedForward ? undefined : new FeedForwardBlock(config)
  }

  build(g: GraphBuilder, x: Value, input: AttentionInput, past?: LayerCache): { out: Value; present?: LayerCache } {
    const attended = this.self_att && past ? this.self_att.build(g, x, input, past) : { out: x }
    return { ...attended, out: this.ffn ? this.ffn.build(g, attended.out) : attended.out }
  }
}
