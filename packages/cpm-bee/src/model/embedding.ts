import { float32 } from '@viscpm/core'
import { type GraphBuilder, Module, Parameter, type Value } from '@viscpm/core/graph'
import type { CpmBeeConfig } from '../config.js'

/** Rotation per sub id (upstream's distance_scale). */
const distanceScale = 16

/** 1 / 10000^(2i / dim) in float32, as torch computes it. [dim / 2] */
export function inverseFrequencies(dim: number): Float32Array {
  const out = new Float32Array(dim / 2)
  for (let i = 0; i < out.length; i++) out[i] = 1 / Math.fround(10000 ** Math.fround((2 * i) / dim))
  return out
}

/**
 * Token embedding whose special tokens are told apart by a sub id that turns the whole vector; also the output head.
 * Source: CPM-Bee, EmbeddingExt and RotaryEmbedding (half-split, not interleaved).
 */
export class EmbeddingExt extends Module {
  readonly weight: Parameter
  readonly #dim: number
  readonly #half: boolean

  constructor({ vocabSize, dimModel, half }: CpmBeeConfig) {
    super()
    this.weight = new Parameter(vocabSize, dimModel)
    this.#dim = dimModel
    this.#half = half
  }

  /** ids, subs: int32 [...] -> [..., dim]. */
  build(g: GraphBuilder, ids: Value, subs: Value): Value {
    const rows = g.gatherRows(this.weight, ids)
    const x = g.div(rows, g.scalar(Math.sqrt(this.#dim)))
    const angles = this.angles(g, subs) // [..., dim / 2]
    const cos = g.cos(angles)
    const sin = g.sin(angles)
    const left = g.slice(x, 0, this.#dim / 2, -1)
    const right = g.slice(x, this.#dim / 2, this.#dim, -1)
    return g.concat([g.sub(g.mul(left, cos), g.mul(right, sin)), g.add(g.mul(right, cos), g.mul(left, sin))], -1)
  }

  private angles(g: GraphBuilder, subs: Value): Value {
    const round = (x: Value) => (this.#half ? g.cast(g.cast(x, 'float16'), 'float32') : x)
    const distance = g.mul(g.unsqueeze(g.cast(subs, 'float32'), -1), g.scalar(distanceScale))
    const frequencies = round(g.constant(float32(inverseFrequencies(this.#dim)), 'inv_freq'))
    return round(g.mul(round(distance), frequencies))
  }

  /** x: [rows, dim], ext: [extSize, dim] -> [rows, vocab + extSize]. Ext columns are not scaled: their table already is. */
  projection(g: GraphBuilder, x: Value, ext: Value): Value {
    const [base] = g.linear(x, [this.weight], { alpha: 1 / Math.sqrt(this.#dim) })
    return g.concat([base!, g.fusedMatmul(x, ext, { transB: true })], -1)
  }
}
