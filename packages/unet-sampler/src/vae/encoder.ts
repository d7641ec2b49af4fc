import { Conv2d, type GraphBuilder, GroupNorm, Module, type Value } from '@viscpm/core/graph'
import { type Observe, observer } from '../blocks/observe.js'
import { Downsample2D } from '../blocks/resize.js'
import type { ResnetBlock2D } from '../blocks/resnet.js'
import { checkVaeConfig, type VaeConfig } from './config.js'
import { epsilon, MidBlock, resnet } from './mid-block.js'

/** Resnets, then half the size. Source: diffusers, DownEncoderBlock2D. */
class DownBlock extends Module {
  readonly resnets: readonly ResnetBlock2D[]
  readonly downsamplers: readonly [Downsample2D] | undefined

  constructor(inChannels: number, channels: number, resized: boolean, config: VaeConfig) {
    super()
    const layers = Array.from({ length: config.layers_per_block })
    this.resnets = layers.map((_, i) => resnet(i ? channels : inChannels, channels, config))
    // Zeros below and on the right only.
    this.downsamplers = resized ? [new Downsample2D(channels, [0, 0, 1, 1])] : undefined
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    let y = x
    for (const block of this.resnets) y = block.build(g, y, observe)
    return observe(this, this.downsamplers?.[0].build(g, y) ?? y, 4)
  }
}

class Encoder extends Module {
  readonly conv_in: Conv2d
  readonly down_blocks: readonly DownBlock[]
  readonly mid_block: MidBlock
  readonly conv_norm_out: GroupNorm
  readonly conv_out: Conv2d

  constructor(config: VaeConfig) {
    super()
    const { block_out_channels: channels, in_channels, latent_channels, norm_num_groups } = config
    const last = channels.length - 1
    this.conv_in = new Conv2d(in_channels, channels[0]!, 3, { padding: 1 })
    this.down_blocks = channels.map((size, i) => new DownBlock(channels[Math.max(0, i - 1)]!, size, i < last, config))
    this.mid_block = new MidBlock(config)
    this.conv_norm_out = new GroupNorm(norm_num_groups, channels[last]!, epsilon)
    this.conv_out = new Conv2d(channels[last]!, 2 * latent_channels, 3, { padding: 1 })
  }

  build(g: GraphBuilder, pixels: Value, observe: Observe): Value {
    let x = observe(this.conv_in, this.conv_in.build(g, pixels), 4)
    for (const block of this.down_blocks) x = block.build(g, x, observe)
    x = this.conv_norm_out.build(g, this.mid_block.build(g, x, observe))
    return observe(this.conv_out, this.conv_out.build(g, g.silu(x)), 4)
  }
}

/** Pixels to a distribution of latents: fields are the checkpoint's keys. Source: diffusers, AutoencoderKL. */
export class VaeEncoderNetwork extends Module {
  readonly encoder: Encoder
  readonly quant_conv: Conv2d
  readonly #config: VaeConfig

  constructor(config: VaeConfig) {
    super()
    this.#config = checkVaeConfig(config)
    this.encoder = new Encoder(config)
    this.quant_conv = new Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)
  }

  /**
   * Declares the graph's inputs and outputs, all float32:
   * `pixels` [batch, in_channels, height, width] -> `mean` and `logvar` [batch, latent_channels, height / 8, width / 8]
   */
  build(g: GraphBuilder, intermediates: boolean): void {
    const { in_channels, latent_channels } = this.#config
    const pixels = g.input('pixels', 'float32', ['batch', in_channels, 'height', 'width'])
    const moments = this.quant_conv.build(g, this.encoder.build(g, pixels, observer(g, this, intermediates)))
    const [mean, logvar] = g.chunk(moments, 2, 1) as [Value, Value]
    const shape = ['batch', latent_channels, 'latent_height', 'latent_width']
    g.output('mean', mean, 'float32', shape)
    g.output('logvar', g.clip(logvar, -30, 20), 'float32', shape)
  }
}
