import { Conv2d, type GraphBuilder, GroupNorm, Module, type Value } from '@viscpm/core/graph'
import { type Observe, observer } from '../blocks/observe.js'
import { Upsample2D } from '../blocks/resize.js'
import type { ResnetBlock2D } from '../blocks/resnet.js'
import { checkVaeConfig, type VaeConfig } from './config.js'
import { epsilon, MidBlock, resnet } from './mid-block.js'

/** Resnets, one more than on the way down, then twice the size. Source: diffusers, UpDecoderBlock2D. */
class UpBlock extends Module {
  readonly resnets: readonly ResnetBlock2D[]
  readonly upsamplers: readonly [Upsample2D] | undefined

  constructor(inChannels: number, channels: number, resized: boolean, config: VaeConfig) {
    super()
    const layers = Array.from({ length: config.layers_per_block + 1 })
    this.resnets = layers.map((_, i) => resnet(i ? channels : inChannels, channels, config))
    this.upsamplers = resized ? [new Upsample2D(channels)] : undefined
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    let y = x
    for (const block of this.resnets) y = block.build(g, y, observe)
    return observe(this, this.upsamplers?.[0].build(g, y) ?? y, 4)
  }
}

class Decoder extends Module {
  readonly conv_in: Conv2d
  readonly mid_block: MidBlock
  readonly up_blocks: readonly UpBlock[]
  readonly conv_norm_out: GroupNorm
  readonly conv_out: Conv2d

  constructor(config: VaeConfig) {
    super()
    const { block_out_channels, latent_channels, out_channels, norm_num_groups } = config
    const channels = block_out_channels.toReversed()
    const last = channels.length - 1
    this.conv_in = new Conv2d(latent_channels, channels[0]!, 3, { padding: 1 })
    this.mid_block = new MidBlock(config)
    this.up_blocks = channels.map((size, i) => new UpBlock(channels[Math.max(0, i - 1)]!, size, i < last, config))
    this.conv_norm_out = new GroupNorm(norm_num_groups, channels[last]!, epsilon)
    this.conv_out = new Conv2d(channels[last]!, out_channels, 3, { padding: 1 })
  }

  build(g: GraphBuilder, latents: Value, observe: Observe): Value {
    let x = observe(this.conv_in, this.conv_in.build(g, latents), 4)
    x = this.mid_block.build(g, x, observe)
    for (const block of this.up_blocks) x = block.build(g, x, observe)
    return this.conv_out.build(g, g.silu(observe(this.conv_norm_out, this.conv_norm_out.build(g, x), 4)))
  }
}

/** Latents to pixels: fields are the checkpoint's keys. Source: diffusers, AutoencoderKL. */
export class VaeDecoderNetwork extends Module {
  readonly decoder: Decoder
  readonly post_quant_conv: Conv2d
  readonly #config: VaeConfig

  constructor(config: VaeConfig) {
    super()
    this.#config = checkVaeConfig(config)
    this.decoder = new Decoder(config)
    this.post_quant_conv = new Conv2d(config.latent_channels, config.latent_channels, 1)
  }

  /**
   * Declares the graph's inputs and outputs, all float32:
   * `latents` [batch, latent_channels, h, w], not scaled -> `decoded` [batch, out_channels, 8 h, 8 w]
   */
  build(g: GraphBuilder, intermediates: boolean): void {
    const { latent_channels, out_channels } = this.#config
    const latents = g.input('latents', 'float32', ['batch', latent_channels, 'height', 'width'])
    const observe = observer(g, this, intermediates)
    const decoded = this.decoder.build(g, this.post_quant_conv.build(g, latents), observe)
    g.output('decoded', decoded, 'float32', ['batch', out_channels, 'pixel_height', 'pixel_width'])
  }
}
