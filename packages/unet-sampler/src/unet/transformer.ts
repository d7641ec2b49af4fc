import { Conv2d, type GraphBuilder, GroupNorm, Linear, Module, type Value } from '@viscpm/core/graph'
import type { Conditions } from './conditions.js'
import type { UNetConfig } from './config.js'
import type { TokenMerging } from './token-merging.js'
import { BasicTransformerBlock } from './transformer-block.js'

/** A transformer over the pixels, with a residual around it. x: [batch, channels, h, w] -> same. Source: diffusers. */
export class Transformer2DModel extends Module {
  readonly norm: GroupNorm
  readonly proj_in: Linear | Conv2d
  readonly transformer_blocks: readonly BasicTransformerBlock[]
  readonly proj_out: Linear | Conv2d
  readonly #channels: number

  constructor(channels: number, heads: number, config: UNetConfig) {
    super()
    const { norm_num_groups, cross_attention_dim, use_linear_projection } = config
    const project = () => (use_linear_projection ? new Linear(channels, channels) : new Conv2d(channels, channels, 1))
    this.#channels = channels
    this.norm = new GroupNorm(norm_num_groups, channels, 1e-6)
    this.proj_in = project()
    this.transformer_blocks = [new BasicTransformerBlock(channels, cross_attention_dim, heads)]
    this.proj_out = project()
  }

  build(g: GraphBuilder, x: Value, conditions: Conditions, merging?: TokenMerging): Value {
    const { proj_in, proj_out } = this
    const pixels = (y: Value) => g.transpose(g.reshape(y, 0, this.#channels, -1), [0, 2, 1]) // [batch, h * w, channels]
    const picture = (y: Value) => g.op('Reshape', [g.transpose(y, [0, 2, 1]), g.shape(shortcut)])
    const shortcut = conditions.repeated(x, 4)
    const normed = this.norm.build(g, x)
    let y = proj_in instanceof Linear ? proj_in.build(g, pixels(normed)) : pixels(proj_in.build(g, normed))
    for (const block of this.transformer_blocks) y = block.build(g, y, conditions, merging)
    const out = proj_out instanceof Linear ? picture(proj_out.build(g, y)) : proj_out.build(g, picture(y))
    return conditions.observe(this, g.add(out, shortcut), 4)
  }
}
