import { Conv2d, type GraphBuilder, GroupNorm, Linear, Module, type Value } from '@viscpm/core/graph'
import type { Observe } from './observe.js'

export interface ResnetSizes {
  readonly inChannels: number
  readonly outChannels: number
  readonly groups: number
  readonly epsilon: number
  /** Width of the time embedding; absent where there is none (VAE). */
  readonly timeChannels?: number
}

/**
 * Two 3 x 3 convolutions with pre-norm, the time embedding added between them, and a shortcut.
 * x: [batch, inChannels, h, w], time: silu of the embedding [batch, timeChannels] -> [batch, outChannels, h, w].
 * Source: diffusers, ResnetBlock2D.
 */
export class ResnetBlock2D extends Module {
  readonly norm1: GroupNorm
  readonly conv1: Conv2d
  readonly time_emb_proj: Linear | undefined
  readonly norm2: GroupNorm
  readonly conv2: Conv2d
  readonly conv_shortcut: Conv2d | undefined

  constructor({ inChannels, outChannels, groups, epsilon, timeChannels }: ResnetSizes) {
    super()
    this.norm1 = new GroupNorm(groups, inChannels, epsilon)
    this.conv1 = new Conv2d(inChannels, outChannels, 3, { padding: 1 })
    this.time_emb_proj = timeChannels === undefined ? undefined : new Linear(timeChannels, outChannels)
    this.norm2 = new GroupNorm(groups, outChannels, epsilon)
    this.conv2 = new Conv2d(outChannels, outChannels, 3, { padding: 1 })
    this.conv_shortcut = inChannels === outChannels ? undefined : new Conv2d(inChannels, outChannels, 1)
  }

  build(g: GraphBuilder, x: Value, observe: Observe, time?: Value): Value {
    let h = this.conv1.build(g, g.silu(this.norm1.build(g, x)))
    if (this.time_emb_proj) h = g.add(h, g.unsqueeze(this.time_emb_proj.build(g, time!), 2, 3)) // + [batch, out, 1, 1]
    h = this.conv2.build(g, g.silu(this.norm2.build(g, h)))
    return observe(this, g.add(this.conv_shortcut?.build(g, x) ?? x, h), 4)
  }
}
