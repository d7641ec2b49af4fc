import type { GraphBuilder, Value } from '../graph/builder.js'
import type { Activation, TowerConfig } from './towers.js'

/** Exact (erf) GELU, or x * sigmoid(1.702 x). */
export function activated(g: GraphBuilder, x: Value, activation: Activation): Value {
  if (activation === 'gelu') return g.gelu(x)
  return g.op('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: 1.702 } } })
}

/**
 * softmax(q k^T / sqrt(dim of a head)) v over all heads. q: [batch, asking, dim], k and v: [batch, tokens, dim],
 * keyMask: int32 [batch, tokens], 0 hides a token -> [batch, asking, dim].
 */
export function attention(
  g: GraphBuilder,
  [q, k, v]: readonly [q: Value, k: Value, v: Value],
  { dim, numHeads }: TowerConfig,
  keyMask?: Value,
): Value {
  return g.op('MultiHeadAttention', keyMask ? [q, k, v, undefined, keyMask] : [q, k, v], {
    domain: 'com.microsoft',
    attributes: { num_heads: numHeads, scale: { float: 1 / Math.sqrt(dim / numHeads) } },
  })
}

/** Rows of a layer's input whose results are wanted. */
export type Wanted = (g: GraphBuilder, x: Value) => Value

export const allTokens: Wanted = (_, x) => x
/** Both towers are asked for their first token only. x: [batch, tokens, dim] -> [batch, 1, dim]. */
export const firstToken: Wanted = (g, x) => g.slice(x, 0, 1, 1)
