import { Conv2d, type GraphBuilder, GroupNorm, Module, type Value } from '@viscpm/core/graph'
import { observer } from '../blocks/observe.js'
import { Conditions } from './conditions.js'
import { checkUNetConfig, type UNetConfig } from './config.js'
import { DownBlock2D, MidBlock2D, timeChannels, UpBlock2D } from './levels.js'
import { TimestepEmbedding, Timesteps } from './time.js'
import { TokenMerging } from './token-merging.js'

export interface UNetGraphOptions {
  /** Also output the result of every module by its path, e.g. `mid_block.attentions.0` (for comparisons). Default false. */
  readonly intermediates?: boolean
  /**
   * Only the outermost part, for steps between those of the whole UNet (DeepCache): what the deeper part gives is an input. 0:
   * the last layer on the way up; k: k layers more, and as many on the way down; at most `layers_per_block`. Default: the whole.
   */
  readonly shallow?: number
  /** Share of the pixels that are merged with similar ones while they attend to one another at the finest level; default 0. */
  readonly tokenMerging?: number
}

/** What goes into the shallow graph of `branch`, an output of the whole graph. */
export const deepName = (branch: number): string => `deep_${branch}`

/** Its channels. */
export function deepChannels(
  { block_out_channels: channels, layers_per_block: layers }: UNetConfig,
  branch: number,
): number {
  return (branch === layers && channels[1]) || channels[0]!
}

/**
 * Predicts the noise in latents, given the time and a text: fields are the checkpoint's keys.
 * Source: diffusers, UNet2DConditionModel; latent diffusion (arXiv 2112.10752).
 */
export class UNetNetwork extends Module {
  readonly conv_in: Conv2d
  readonly time_proj: Timesteps
  readonly time_embedding: TimestepEmbedding
  readonly down_blocks: readonly DownBlock2D[]
  readonly mid_block: MidBlock2D
  readonly up_blocks: readonly UpBlock2D[]
  readonly conv_norm_out: GroupNorm
  readonly conv_out: Conv2d
  readonly #config: UNetConfig

  constructor(config: UNetConfig) {
    super()
    const {
      block_out_channels: channels,
      attention_head_dim: heads,
      layers_per_block: layers,
    } = checkUNetConfig(config)
    const [first, last] = [channels[0]!, channels.at(-1)!]
    this.#config = config
    this.conv_in = new Conv2d(config.in_channels, first, 3, { padding: 1 })
    this.time_proj = new Timesteps(config)
    this.time_embedding = new TimestepEmbedding(first, timeChannels(config))

    let before = first
    const skips = [first] // channels of what the way down leaves
    this.down_blocks = channels.map((size, level) => {
      const inputs = [before, ...new Array<number>(layers - 1).fill(size)]
      const resized = level < channels.length - 1
      const attends = config.down_block_types[level] === 'CrossAttnDownBlock2D'
      skips.push(...new Array<number>(layers + (resized ? 1 : 0)).fill(size))
      before = size
      return new DownBlock2D({ channels: size, heads: attends ? heads[level] : undefined, inputs, resized }, config)
    })
    this.mid_block = new MidBlock2D(last, heads.at(-1)!, config)
    this.up_blocks = channels.toReversed().map((size, i) => {
      const inputs = Array.from({ length: layers + 1 }, (_, layer) => (layer ? size : before) + skips.pop()!)
      const attends = config.up_block_types[i] === 'CrossAttnUpBlock2D'
      before = size
      const level = { channels: size, heads: attends ? heads.at(-1 - i) : undefined, inputs }
      return new UpBlock2D({ ...level, resized: i < channels.length - 1 }, config)
    })
    this.conv_norm_out = new GroupNorm(config.norm_num_groups, first, config.norm_eps)
    this.conv_out = new Conv2d(first, config.out_channels, 3, { padding: 1 })
  }

  /**
   * Declares the graph's inputs and outputs, all float32:
   * - `sample` [samples, in_channels, height, width], any size
   * - `timestep` [samples]
   * - `encoder_hidden_states` [batch, tokens, cross_attention_dim]; batch: a multiple of samples, which are repeated as a whole
   * - `deep_<k>` [batch, channels, height, width], what goes into the last up block's layers, counted from the last one; outputs of
   *   the whole graph, and one of them the input of a shallow one
   * - out: `out_sample` [batch, out_channels, height, width]
   */
  build(g: GraphBuilder, options: UNetGraphOptions = {}): void {
    const { in_channels, out_channels, cross_attention_dim } = this.#config
    const { intermediates = false, tokenMerging = 0, shallow } = options
    const observe = observer(g, this, intermediates)
    const sample = g.input('sample', 'float32', ['samples', in_channels, 'height', 'width'])
    const timestep = g.input('timestep', 'float32', ['samples'])
    const context = g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', cross_attention_dim])

    const embedding = this.time_embedding.build(g, this.time_proj.build(g, timestep, observe), observe)
    const conditions = new Conditions(g, { time: g.silu(embedding), sample, context, observe })
    const merging = tokenMerging > 0 ? new TokenMerging(g, tokenMerging, g.shape(sample, 2, 4)) : undefined
    const first = observe(this.conv_in, this.conv_in.build(g, sample), 4)
    const x =
      shallow === undefined
        ? this.#whole(g, first, conditions, merging)
        : this.#shallow(g, first, conditions, merging, shallow)
    const normed = observe(this.conv_norm_out, this.conv_norm_out.build(g, x), 4)
    g.output('out_sample', this.conv_out.build(g, g.silu(normed)), 'float32', [
      'batch',
      out_channels,
      'height',
      'width',
    ])
  }

  #whole(g: GraphBuilder, first: Value, conditions: Conditions, merging: TokenMerging | undefined): Value {
    let x = first
    const skips = [conditions.repeated(x, 4)]
    for (const [level, block] of this.down_blocks.entries()) {
      const down = block.build(g, x, conditions, { merging: level === 0 ? merging : undefined })
      x = down.x
      skips.push(...down.skips)
    }
    x = this.mid_block.build(g, x, conditions)
    for (const block of this.up_blocks.slice(0, -1)) x = block.build(g, x, skips, conditions)
    const onLayer = (layer: number, input: Value) => {
      const branch = this.#config.layers_per_block - layer
      g.output(deepName(branch), input, 'float32', this.#deepShape(branch))
    }
    return this.up_blocks.at(-1)!.build(g, x, skips, conditions, { merging, onLayer })
  }

  #shallow(
    g: GraphBuilder,
    first: Value,
    conditions: Conditions,
    merging: TokenMerging | undefined,
    branch: number,
  ): Value {
    const deep = g.input(deepName(branch), 'float32', this.#deepShape(branch))
    const skips = [conditions.repeated(first, 4)]
    if (branch > 0) skips.push(...this.down_blocks[0]!.build(g, first, conditions, { merging, layers: branch }).skips)
    conditions.meetContext(first, 4)
    const from = this.#config.layers_per_block - branch
    return this.up_blocks.at(-1)!.build(g, deep, skips, conditions, { merging, from })
  }

  #deepShape(branch: number): (string | number)[] {
    return ['batch', deepChannels(this.#config, branch), 'height', 'width']
  }
}
