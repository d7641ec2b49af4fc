import { type GraphBuilder, Module, Parameter, type Value } from '@viscpm/core/graph'

/** CPM-Bee's Linear: x @ weight^T / sqrt(inFeatures), no bias. x: [..., inFeatures] -> [..., outFeatures]. */
export class ScaledLinear extends Module {
  readonly weight: Parameter
  readonly #alpha: number

  constructor(inFeatures: number, outFeatures: number) {
    super()
    this.weight = new Parameter(outFeatures, inFeatures)
    this.#alpha = 1 / Math.sqrt(inFeatures)
  }

  build(g: GraphBuilder, x: Value): Value {
    return ScaledLinear.together(g, x, [this])[0]!
  }

  /** Several of one input size over the same x: one product, where the weights allow it. */
  static together(g: GraphBuilder, x: Value, linears: readonly ScaledLinear[]): Value[] {
    const weights = linears.map(linear => linear.weight)
    return g.linear(x, weights, { alpha: linears[0]!.#alpha })
  }
}

/** CPM-Bee's LayerNorm: root mean square, weight only. */
export class RMSNorm extends Module {
  readonly weight: Parameter
  readonly #eps: number

  constructor(dim: number, eps: number) {
    super()
    this.weight = new Parameter(dim)
    this.#eps = eps
  }

  build(g: GraphBuilder, x: Value): Value {
    return g.rmsNorm(x, g.parameter(this.weight), this.#eps)
  }
}
