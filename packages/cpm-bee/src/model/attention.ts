import { type GraphBuilder, Module, type Value } from '@viscpm/core/graph'
import type { CpmBeeConfig } from '../config.js'
import { type LayerCache, presentOf, scoresOfPast, valuesOfPast } from './cached-attention.js'
import { ScaledLinear } from './scaled-linear.js'

/** What every layer's attention looks at, made once per run. */
export interface AttentionInput {
  /** [batch, heads, seq, past + seq]: position bias, very negative where masked. */
  readonly bias: Value
  /** [batch, 1, seq, 1]: 0 for rows that may see nothing at all, else 1. */
  readonly rowVisible: Value
  /** [past, seq] as an int64 vector. */
  readonly lengths: Value
}

export type { LayerCache } from './cached-attention.js'

/**
 * Multi-head attention over a cache that is only read: scores against past and new keys share one softmax, and the
 * step's own keys and values are returned, so that the cache never passes through the graph.
 * x: [batch, seq, dim] -> same. Source: CPM-Bee, Attention.
 */
export class Attention extends Module {
  readonly project_q: ScaledLinear
  readonly project_k: ScaledLinear
  readonly project_v: ScaledLinear
  readonly attention_out: ScaledLinear
  readonly #heads: number
  readonly #dimHead: number

  constructor({ dimModel, numHeads, dimHead }: CpmBeeConfig) {
    super()
    this.#heads = numHeads
    this.#dimHead = dimHead
    this.project_q = new ScaledLinear(dimModel, numHeads * dimHead)
    this.project_k = new ScaledLinear(dimModel, numHeads * dimHead)
    this.project_v = new ScaledLinear(dimModel, numHeads * dimHead)
    this.attention_out = new ScaledLinear(numHeads * dimHead, dimModel)
  }

  build(g: GraphBuilder, x: Value, input: AttentionInput, past: LayerCache): { out: Value; present: LayerCache } {
    const heads = (y: Value) => g.transpose(g.reshape(y, 0, 0, this.#heads, this.#dimHead), [0, 2, 1, 3])
    const projections = ScaledLinear.together(g, x, [this.project_q, this.project_k, this.project_v])
    const [q, key, value] = projections.map(heads) as [Value, Value, Value] // [batch, heads, seq, dimHead]
    const alpha = 1 / Math.sqrt(this.#dimHead)
    const toPast = scoresOfPast(g, q, past, alpha) // [batch, heads, seq, past]
    const toNew = g.fusedMatmul(q, key, { transB: true, alpha }) // [batch, heads, seq, seq]
    const scores = g.softmax(g.add(g.concat([toPast, toNew], -1), input.bias))
    const [ofPast, ofNew] = g.splitAt(scores, input.lengths, 2, -1)
    const context = g.add(valuesOfPast(g, ofPast!, past), g.matmul(ofNew!, value))
    const visible = g.mul(context, input.rowVisible) // fully masked rows give 0, not the mean of all values
    const merged = g.reshape(g.transpose(visible, [0, 2, 1, 3]), 0, 0, this.#heads * this.#dimHead)
    return { out: this.attention_out.build(g, merged), present: presentOf(g, key, value, past.kind) }
  }
}
