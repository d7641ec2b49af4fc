import { type GraphBuilder, GroupNorm, Linear, Module, type Value } from '@viscpm/core/graph'
import type { Observe } from '../blocks/observe.js'
import { ResnetBlock2D } from '../blocks/resnet.js'
import type { VaeConfig } from './config.js'

/** Of all the VAE's norms. */
export const epsilon = 1e-6

export function resnet(inChannels: number, outChannels: number, { norm_num_groups: groups }: VaeConfig): ResnetBlock2D {
  return new ResnetBlock2D({ inChannels, outChannels, groups, epsilon })
}

/** Attention between all pixels with one head, and a residual. x: [batch, channels, h, w] -> same. Source: diffusers. */
class PixelAttention extends Module {
  readonly group_norm: GroupNorm
  readonly to_q: Linear
  readonly to_k: Linear
  readonly to_v: Linear
  readonly to_out: readonly [Linear]
  readonly #channels: number

  constructor(channels: number, { norm_num_groups }: VaeConfig) {
    super()
    this.#channels = channels
    this.group_norm = new GroupNorm(norm_num_groups, channels, epsilon)
    this.to_q = new Linear(channels, channels)
    this.to_k = new Linear(channels, channels)
    this.to_v = new Linear(channels, channels)
    this.to_out = [new Linear(channels, channels)]
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    const normed = g.reshape(this.group_norm.build(g, x), 0, this.#channels, -1)
    const pixels = g.transpose(normed, [0, 2, 1]) // [batch, h * w, channels]
    const [q, k, v] = [this.to_q.build(g, pixels), this.to_k.build(g, pixels), this.to_v.build(g, pixels)]
    const mixed = g.attention(q, k, v, { heads: 1, scale: 1 / Math.sqrt(this.#channels) })
    const out = g.transpose(this.to_out[0].build(g, mixed), [0, 2, 1])
    return observe(this, g.add(g.op('Reshape', [out, g.shape(x)]), x), 4)
  }
}

/** Resnet, attention, resnet. x: [batch, channels, h, w] -> same. Source: diffusers, UNetMidBlock2D. */
export class MidBlock extends Module {
  readonly attentions: readonly [PixelAttention]
  readonly resnets: readonly [ResnetBlock2D, ResnetBlock2D]

  constructor(config: VaeConfig) {
    super()
    const channels = config.block_out_channels.at(-1)!
    this.attentions = [new PixelAttention(channels, config)]
    this.resnets = [resnet(channels, channels, config), resnet(channels, channels, config)]
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    const attended = this.attentions[0].build(g, this.resnets[0].build(g, x, observe), observe)
    return observe(this, this.resnets[1].build(g, attended, observe), 4)
  }
}
