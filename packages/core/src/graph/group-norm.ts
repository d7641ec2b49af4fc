import type { GraphBuilder, Value } from './builder.js'
import { Module, Parameter } from './module.js'

/** torch.nn.GroupNorm with weight and bias per channel. x: [batch, channels, h, w] -> same. */
export class GroupNorm extends Module {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly #groups: number
  readonly #epsilon: number

  constructor(groups: number, channels: number, epsilon = 1e-5) {
    super()
    this.weight = new Parameter(channels)
    this.bias = new Parameter(channels)
    this.#groups = groups
    this.#epsilon = epsilon
  }

  build(g: GraphBuilder, x: Value): Value {
    return g.groupNorm(x, g.parameter(this.weight), g.parameter(this.bias), this.#groups, this.#epsilon)
  }
}
