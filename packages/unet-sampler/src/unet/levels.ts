import { type GraphBuilder, Module, type Value } from '@viscpm/core/graph'
import { Downsample2D, Upsample2D } from '../blocks/resize.js'
import { ResnetBlock2D } from '../blocks/resnet.js'
import type { Conditions } from './conditions.js'
import type { UNetConfig } from './config.js'
import type { TokenMerging } from './token-merging.js'
import { Transformer2DModel } from './transformer.js'

/** One level of the UNet: what its blocks are made of. */
export interface LevelSizes {
  readonly channels: number
  /** Attention heads; absent where the level has no attention. */
  readonly heads: number | undefined
  /** Input channels of each resnet. */
  readonly inputs: readonly number[]
  /** Has a down- or upsampler after it. */
  readonly resized: boolean
}

/** What is different at one level than at the others. */
export interface LevelOptions {
  /** Merges pixels before they attend to one another. */
  readonly merging?: TokenMerging | undefined
}

/** Channels of the time embedding. */
export function timeChannels({ block_out_channels }: UNetConfig): number {
  return 4 * block_out_channels[0]!
}

function resnets({ channels, inputs }: LevelSizes, config: UNetConfig): ResnetBlock2D[] {
  const { norm_num_groups: groups, norm_eps: epsilon } = config
  return inputs.map(inChannels => {
    return new ResnetBlock2D({ inChannels, outChannels: channels, groups, epsilon, timeChannels: timeChannels(config) })
  })
}

function attentions({ channels, heads, inputs }: LevelSizes, config: UNetConfig): Transformer2DModel[] | undefined {
  return heads === undefined ? undefined : inputs.map(() => new Transformer2DModel(channels, heads, config))
}

/** diffusers' CrossAttnDownBlock2D, and DownBlock2D where there is no attention. */
export class DownBlock2D extends Module {
  readonly resnets: readonly ResnetBlock2D[]
  readonly attentions: readonly Transformer2DModel[] | undefined
  readonly downsamplers: readonly [Downsample2D] | undefined

  constructor(sizes: LevelSizes, config: UNetConfig) {
    super()
    this.resnets = resnets(sizes, config)
    this.attentions = attentions(sizes, config)
    this.downsamplers = sizes.resized ? [new Downsample2D(sizes.channels, 1)] : undefined
  }

  /**
   * x: [batch, in, h, w]. @returns the result, and what the up blocks take: after each layer, finest first.
   * @param layers only the first so many, and no resizing; default: all.
   */
  build(
    g: GraphBuilder,
    x: Value,
    conditions: Conditions,
    { merging, layers }: LevelOptions & { readonly layers?: number } = {},
  ): { x: Value; skips: Value[] } {
    const skips: Value[] = []
    let y = x
    this.resnets.slice(0, layers).forEach((resnet, i) => {
      y = resnet.build(g, y, conditions.observe, conditions.time)
      const attention = this.attentions?.[i]
      if (attention) y = attention.build(g, y, conditions, merging)
      skips.push(conditions.repeated(y, 4))
    })
    if (this.downsamplers && layers === undefined) {
      y = this.downsamplers[0].build(g, y)
      skips.push(conditions.repeated(y, 4))
    }
    return { x: conditions.observe(this, y, 4), skips }
  }
}

/** diffusers' UNetMidBlock2DCrossAttn. x: [batch, channels, h, w] -> same. */
export class MidBlock2D extends Module {
  readonly attentions: readonly [Transformer2DModel]
  readonly resnets: readonly ResnetBlock2D[]

  constructor(channels: number, heads: number, config: UNetConfig) {
    super()
    this.attentions = [new Transformer2DModel(channels, heads, config)]
    this.resnets = resnets({ channels, heads, inputs: [channels, channels], resized: false }, config)
  }

  build(g: GraphBuilder, x: Value, conditions: Conditions): Value {
    const { observe } = conditions
    const before = this.resnets[0]!.build(g, x, observe, conditions.time)
    const attended = this.attentions[0].build(g, before, conditions)
    return observe(this, this.resnets[1]!.build(g, attended, observe, conditions.time), 4)
  }
}

type OnLayer = (layer: number, input: Value) => void

/** diffusers' CrossAttnUpBlock2D, and UpBlock2D where there is no attention. */
export class UpBlock2D extends Module {
  readonly resnets: readonly ResnetBlock2D[]
  readonly attentions: readonly Transformer2DModel[] | undefined
  readonly upsamplers: readonly [Upsample2D] | undefined

  constructor(sizes: LevelSizes, config: UNetConfig) {
    super()
    this.resnets = resnets(sizes, config)
    this.attentions = attentions(sizes, config)
    this.upsamplers = sizes.resized ? [new Upsample2D(sizes.channels)] : undefined
  }

  /**
   * @param skips what the way down left; this block's own are taken off its end.
   * @param from the layer to begin with, into which x goes; default: the first. @param onLayer shown what goes into each.
   */
  build(
    g: GraphBuilder,
    x: Value,
    skips: Value[],
    conditions: Conditions,
    { merging, from = 0, onLayer }: LevelOptions & { readonly from?: number; readonly onLayer?: OnLayer } = {},
  ): Value {
    let y = x
    this.resnets.forEach((resnet, i) => {
      if (i < from) return
      onLayer?.(i, y)
      y = resnet.build(g, g.concat([y, skips.pop()!], 1), conditions.observe, conditions.time)
      const attention = this.attentions?.[i]
      if (attention) y = attention.build(g, y, conditions, merging)
    })
    // The size of the next skip, which is not twice this one where a size on the way down was odd.
    if (this.upsamplers) y = this.upsamplers[0].build(g, y, g.shape(skips.at(-1)!, 2, 4))
    return conditions.observe(this, y, 4)
  }
}
