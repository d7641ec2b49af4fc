import type { GraphBuilder, Value } from './builder.js'
import { Module, Parameter } from './module.js'

/** torch.nn.Linear. x: [..., inFeatures] -> [..., outFeatures]. */
export class Linear extends Module {
  readonly weight: Parameter
  readonly bias: Parameter | undefined

  constructor(inFeatures: number, outFeatures: number, { bias = true }: { readonly bias?: boolean } = {}) {
    super()
    this.weight = new Parameter(outFeatures, inFeatures)
    this.bias = bias ? new Parameter(outFeatures) : undefined
  }

  build(g: GraphBuilder, x: Value): Value {
    const [product] = g.linear(x, [this.weight])
    return g.layer(this.weight, x, this.bias ? g.add(product!, g.parameter(this.bias)) : product!)
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
