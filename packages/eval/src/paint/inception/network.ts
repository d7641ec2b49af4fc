import type { WeightSource } from '@viscpm/core'
import { InvalidArgumentError } from '@viscpm/core'
import { bindWeights, type Graph, GraphBuilder, Linear, Module, type Value } from '@viscpm/core/graph'
import { BasicConv2d, InceptionA, InceptionB, InceptionC, InceptionD, InceptionE, maxPool } from './blocks.js'

/** Side in pixels of what the network takes. */
export const inceptionSize = 299

/** Which features: after the first and second pooling, before the auxiliary classifier, after the last pooling (the FID's). */
export const inceptionDims = [64, 192, 768, 2048] as const
export type InceptionDim = (typeof inceptionDims)[number]

/** How a picture comes into the network. */
export type InceptionResize = 'clean' | 'pytorch-fid'

/**
 * InceptionV3 of the FID literature: TensorFlow's network of 2015-12-05, whose pooling differs from torchvision's. Fields are
 * the keys of `pt_inception-2015-12-05-6726825d.pth`. Sources: arXiv 1512.00567; pytorch-fid, fid_inception_v3.
 */
export class InceptionV3 extends Module {
  readonly Conv2d_1a_3x3: BasicConv2d
  readonly Conv2d_2a_3x3: BasicConv2d
  readonly Conv2d_2b_3x3: BasicConv2d
  readonly Conv2d_3b_1x1: BasicConv2d
  readonly Conv2d_4a_3x3: BasicConv2d
  readonly Mixed_5b: InceptionA
  readonly Mixed_5c: InceptionA
  readonly Mixed_5d: InceptionA
  readonly Mixed_6a: InceptionB
  readonly Mixed_6b: InceptionC
  readonly Mixed_6c: InceptionC
  readonly Mixed_6d: InceptionC
  readonly Mixed_6e: InceptionC
  readonly Mixed_7a: InceptionD
  readonly Mixed_7b: InceptionE
  readonly Mixed_7c: InceptionE
  /** Of the classifier, which is not run. */
  readonly fc: Linear
  readonly #width: number

  /** @param width share of the published channels, for tests: 1, 1/2, 1/4, 1/8 or 1/16 */
  constructor(width = 1) {
    super()
    if (![1, 2, 4, 8, 16].includes(1 / width))
      throw new InvalidArgumentError({ argument: 'width', message: `${width} is not 1, 1/2, 1/4, 1/8 or 1/16` })
    this.#width = width
    const w = (channels: number): number => channels * width
    this.Conv2d_1a_3x3 = new BasicConv2d(3, w(32), [3, 3], { stride: 2 })
    this.Conv2d_2a_3x3 = new BasicConv2d(w(32), w(32), [3, 3])
    this.Conv2d_2b_3x3 = new BasicConv2d(w(32), w(64), [3, 3], { padding: [1, 1] })
    this.Conv2d_3b_1x1 = new BasicConv2d(w(64), w(80), [1, 1])
    this.Conv2d_4a_3x3 = new BasicConv2d(w(80), w(192), [3, 3])
    this.Mixed_5b = new InceptionA(w(192), w(32), w)
    this.Mixed_5c = new InceptionA(w(256), w(64), w)
    this.Mixed_5d = new InceptionA(w(288), w(64), w)
    this.Mixed_6a = new InceptionB(w(288), w)
    this.Mixed_6b = new InceptionC(w(768), w(128), w)
    this.Mixed_6c = new InceptionC(w(768), w(160), w)
    this.Mixed_6d = new InceptionC(w(768), w(160), w)
    this.Mixed_6e = new InceptionC(w(768), w(192), w)
    this.Mixed_7a = new InceptionD(w(768), w)
    this.Mixed_7b = new InceptionE(w(1280), false, w)
    this.Mixed_7c = new InceptionE(w(2048), true, w)
    this.fc = new Linear(w(2048), 1008)
  }

  /**
   * Declares the graph: `pixels` float32 [batch, 3, height, width], 0..255 -> `features` float32 [batch, dim].
   * 'clean': pixels are 299 x 299 already, (x - 128) / 128 goes in. 'pytorch-fid': any size, bilinear without
   * antialiasing, 2 x / 255 - 1.
   */
  build(g: GraphBuilder, resize: InceptionResize, dim: InceptionDim): void {
    const side = resize === 'clean' ? [inceptionSize, inceptionSize] : ['height', 'width']
    const pixels = g.input('pixels', 'float32', ['batch', 3, ...side])
    const features = this.#stages(g, resize === 'clean' ? signed(g, pixels) : stretched(g, pixels), dim)
    const mean = g.op('ReduceMean', [features, g.ints(2, 3)], { attributes: { keepdims: 0 } })
    g.output('features', mean, 'float32', ['batch', dim * this.#width])
  }

  #stages(g: GraphBuilder, x: Value, dim: InceptionDim): Value {
    const { Mixed_6a, Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e } = this
    const stages = [
      { dim: 64, blocks: [this.Conv2d_1a_3x3, this.Conv2d_2a_3x3, this.Conv2d_2b_3x3], pooled: true },
      { dim: 192, blocks: [this.Conv2d_3b_1x1, this.Conv2d_4a_3x3], pooled: true },
      {
        dim: 768,
        blocks: [this.Mixed_5b, this.Mixed_5c, this.Mixed_5d, Mixed_6a, Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e],
      },
      { dim: 2048, blocks: [this.Mixed_7a, this.Mixed_7b, this.Mixed_7c] },
    ]
    let y = x
    for (const stage of stages) {
      for (const block of stage.blocks) y = block.build(g, y)
      if (stage.pooled) y = maxPool(g, y)
      if (stage.dim === dim) break
    }
    return y
  }
}

/** As TensorFlow's graph has it. */
function signed(g: GraphBuilder, pixels: Value): Value {
  return g.div(g.sub(pixels, g.scalar(128)), g.scalar(128))
}

function stretched(g: GraphBuilder, pixels: Value): Value {
  const unit = g.div(pixels, g.scalar(255))
  const resized = g.op('Resize', [unit, undefined, undefined, g.ints(inceptionSize, inceptionSize)], {
    attributes: { mode: 'linear', coordinate_transformation_mode: 'half_pixel', axes: [2, 3] },
  })
  return g.sub(g.mul(resized, g.scalar(2)), g.scalar(1))
}

export interface BuildInceptionOptions {
  /** The published checkpoint, or one with its keys, of any dtype. */
  readonly weights: WeightSource
  readonly resize: InceptionResize
  /** Default 2048. */
  readonly dim?: InceptionDim
  /** Of the published channels. Default 1. */
  readonly width?: number
}

/**
 * Builds the graph of a checkpoint; no weight is read.
 * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export async function buildInceptionGraph(options: BuildInceptionOptions): Promise<Graph> {
  const { weights, resize, dim = 2048, width = 1 } = options
  const network = new InceptionV3(width)
  const reason = 'batches seen in training; nothing that is computed depends on it'
  bindWeights(network, weights, { ignored: [{ pattern: /\.bn\.num_batches_tracked$/, reason }] })
  const g = new GraphBuilder('inception-v3')
  network.build(g, resize, dim)
  return g.finish()
}
