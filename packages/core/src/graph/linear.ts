import type { GraphBuilder, Value } from './builder.js'
import { Module, Parameter } from './module.js'

/** torch.nn.Linear. x: [..., inFeatures] -> [..., outFeatures]. */
export class Linear extends Module {
  readonly weight: Parameter
  readonly bias: Parameter

  constructor(inFeatures: number, outFeatures: number) {
    super()
    this.weight = new Parameter(outFeatures, inFeatures)
    this.bias = new Parameter(outFeatures)
  }

  build(g: GraphBuilder, x: Value): Value {
    const product = g.fusedMatmul(x, g.parameter(this.weight), { transB: true, name: this.weight.key })
    return g.add(product, g.parameter(this.bias))
  }
}

/** torch.nn.LayerNorm over the last axis. */
export class LayerNorm extends Module {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly #epsilon: number

  constructor(dim: number, epsilon = 1e-5) {
    super()
    this.weight = new Parameter(dim)
    this.bias = new Parameter(dim)
    this.#epsilon = epsilon
  }

  build(g: GraphBuilder, x: Value): Value {
    return g.layerNorm(x, g.parameter(this.weight), g.parameter(this.bias), this.#epsilon)
  }
}
