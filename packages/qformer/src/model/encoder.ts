import { type GraphBuilder, LayerNorm, Linear, Module, Parameter, type Value } from '@viscpm/core/graph'
import { firstPosition, pictureTokens, type QFormerConfig, queryPositions } from '../config.js'
import { Attention } from './attention.js'
import { joined, Multiway, residual, type Tokens } from './multiway.js'
import { type Observe, within } from './observe.js'

/** fc2(norm(gelu(fc1 x))), exact (erf) GELU, the norm being sub-LN. x: [batch, tokens, dim] -> same. */
class FeedForward extends Module {
  readonly fc1: Linear
  readonly fc2: Linear
  readonly ffn_layernorm: LayerNorm

  constructor({ dim, dimFF }: QFormerConfig) {
    super()
    this.fc1 = new Linear(dim, dimFF)
    this.fc2 = new Linear(dimFF, dim)
    this.ffn_layernorm = new LayerNorm(dimFF)
  }

  build(g: GraphBuilder, x: Value): Value {
    return this.fc2.build(g, this.ffn_layernorm.build(g, g.gelu(this.fc1.build(g, x))))
  }
}

/** Pre-norm attention and feed-forward. Source: torchscale, EncoderLayer. */
class EncoderLayer extends Module {
  readonly self_attn: Attention
  readonly self_attn_layer_norm: Multiway<LayerNorm>
  readonly ffn: Multiway<FeedForward>
  readonly final_layer_norm: Multiway<LayerNorm>
  readonly #dim: number

  constructor(config: QFormerConfig) {
    super()
    this.#dim = config.dim
    this.self_attn = new Attention(config)
    this.self_attn_layer_norm = new Multiway(() => new LayerNorm(config.dim))
    this.ffn = new Multiway(() => new FeedForward(config))
    this.final_layer_norm = new Multiway(() => new LayerNorm(config.dim))
  }

  /** @param wanted picks the parts whose result is needed. */
  build(g: GraphBuilder, x: Tokens, wanted: (x: Tokens) => Tokens, observe: Observe): Tokens {
    const shape = ['batch', 'tokens', this.#dim]
    const normed = this.self_attn_layer_norm.build(g, x)
    const attention = this.self_attn.build(g, normed, wanted(normed), observe)
    observe('attn_out', shape, () => joined(g, attention))
    const attended = residual(g, wanted(x), attention)
    const ffn = this.ffn.build(g, this.final_layer_norm.build(g, attended))
    observe('ffn_out', shape, () => joined(g, ffn))
    return residual(g, attended, ffn)
  }
}

/** Learned absolute positions. x: [batch, tokens, dim] -> same. */
class PositionEmbedding extends Module {
  readonly weight: Parameter
  readonly #tokens: number

  constructor(rows: number, tokens: number, dim: number) {
    super()
    this.weight = new Parameter(rows, dim)
    this.#tokens = tokens
  }

  /** [1, tokens, dim] */
  positions(g: GraphBuilder): Value {
    const rows = g.slice(g.parameter(this.weight), firstPosition, firstPosition + this.#tokens, 0)
    return g.unsqueeze(rows, 0)
  }

  build(g: GraphBuilder, x: Value): Value {
    return g.add(x, this.positions(g))
  }
}

/** Positions, layers, last norm. Both parts count their positions from the start of their own table. */
export class Encoder extends Module {
  readonly embed_positions: Multiway<PositionEmbedding>
  readonly layers: readonly EncoderLayer[]
  readonly layer_norm: Multiway<LayerNorm>
  readonly #dim: number

  constructor(config: QFormerConfig) {
    super()
    const { dim, numLayers, queryNum } = config
    const tokens = pictureTokens(config)
    this.#dim = dim
    this.embed_positions = new Multiway(expert =>
      expert === 'A'
        ? new PositionEmbedding(tokens + firstPosition, tokens, dim)
        : new PositionEmbedding(queryPositions, queryNum, dim),
    )
    this.layers = Array.from({ length: numLayers }, () => new EncoderLayer(config))
    this.layer_norm = new Multiway(() => new LayerNorm(dim))
  }

  /**
   * @param queriesOnly leave out what only the last layer's picture tokens would need.
   * @returns the parts that were computed.
   */
  build(g: GraphBuilder, embedded: Tokens, queriesOnly: boolean, observe: Observe): Tokens {
    const shape = ['batch', 'tokens', this.#dim]
    const { A, B } = this.embed_positions
    observe('encoder_embedding', shape, () => joined(g, embedded))
    observe('position_embedding', [1, 'tokens', this.#dim], () =>
      joined(g, { A: embedded.A && A.positions(g), B: embedded.B && B.positions(g) }),
    )
    let x = this.embed_positions.build(g, embedded)
    this.layers.forEach((layer, i) => {
      const last = i === this.layers.length - 1
      const wanted = (parts: Tokens): Tokens => (last && queriesOnly ? { B: parts.B } : parts)
      x = layer.build(g, x, wanted, within(observe, `layer_${i}`))
      observe(`layer_${i}`, shape, () => joined(g, x))
    })
    return this.layer_norm.build(g, x)
  }
}
