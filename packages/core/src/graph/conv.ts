import type { GraphBuilder, Value } from './builder.js'
import { Module, Parameter } from './module.js'
import { channelConv } from './qdq.js'

export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: number
  /** Zeros around the picture: one number for all sides, or top, left, bottom, right. Default 0. */
  readonly padding?: number | readonly [top: number, left: number, bottom: number, right: number]
}

/** torch.nn.Conv2d with a square kernel and a bias. x: [batch, inChannels, h, w] -> [batch, outChannels, h', w']. */
export class Conv2d extends Module {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly #shape: { kernel: readonly number[]; strides: readonly number[]; pads: readonly number[] }

  constructor(inChannels: number, outChannels: number, kernel: number, options: Conv2dOptions = {}) {
    super()
    const { stride = 1, padding = 0 } = options
    this.weight = new Parameter(outChannels, inChannels, kernel, kernel)
    this.bias = new Parameter(outChannels)
    const pads = typeof padding === 'number' ? [padding, padding, padding, padding] : padding
    this.#shape = { kernel: [kernel, kernel], strides: [stride, stride], pads }
  }

  build(g: GraphBuilder, x: Value): Value {
    const { weight, bias } = this
    const { quantization } = weight.info
    const y =
      quantization?.kind === 'channel'
        ? channelConv(g, x, weight, g.parameter(bias), quantization, this.#shape)
        : g.conv2d(x, g.parameter(weight), g.parameter(bias), { ...this.#shape, name: weight.key })
    return g.layer(weight, x, y)
  }
}
