import { Conv2d, type Conv2dOptions, type GraphBuilder, Module, type Value } from '@viscpm/core/graph'

/** Halves height and width by a convolution with stride 2. x: [batch, channels, h, w]. */
export class Downsample2D extends Module {
  readonly conv: Conv2d

  /** @param padding 1 gives ceil(h / 2) rows; the VAE's [0, 0, 1, 1] gives floor(h / 2). */
  constructor(channels: number, padding: NonNullable<Conv2dOptions['padding']>) {
    super()
    this.conv = new Conv2d(channels, channels, 3, { stride: 2, padding })
  }

  build(g: GraphBuilder, x: Value): Value {
    return this.conv.build(g, x)
  }
}

/** Nearest neighbour, then a convolution. x: [batch, channels, h, w] -> [batch, channels, ...size]. */
export class Upsample2D extends Module {
  readonly conv: Conv2d

  constructor(channels: number) {
    super()
    this.conv = new Conv2d(channels, channels, 3, { padding: 1 })
  }

  /** @param size int64 [height, width]; default: twice the size of x. */
  build(g: GraphBuilder, x: Value, size: Value = g.mul(g.shape(x, 2, 4), g.ints(2))): Value {
    return this.conv.build(g, g.resizeNearest(x, size))
  }
}
