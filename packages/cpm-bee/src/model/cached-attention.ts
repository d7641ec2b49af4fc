import { tensor } from '@viscpm/core'
import type { GraphBuilder, Value } from '@viscpm/core/graph'
import type { CachePart, KeyValueDType } from './cache-layout.js'

/** A layer's cache in the graph; see `CacheLayout` for the shapes. */
export type LayerCache = { readonly kind: KeyValueDType } & { readonly [name in CachePart['name']]?: Value }

/** alpha * q k^T. q: [batch, heads, seq, dimHead] -> [batch, heads, seq, past]. */
export function scoresOfPast(g: GraphBuilder, q: Value, past: LayerCache, alpha: number): Value {
  if (past.kind === 'int8') return g.mul(byteProduct(g, q, past.key!, alpha), g.cast(past.key_scale!, 'float32'))
  return g.fusedMatmul(q, widened(g, past.key!, past.kind), { transB: true, alpha })
}

/** Sum of the values by their weights. weights: [batch, heads, seq, past] -> [batch, heads, seq, dimHead]. */
export function valuesOfPast(g: GraphBuilder, weights: Value, past: LayerCache): Value {
  if (past.kind === 'int8') return byteProduct(g, g.mul(weights, g.cast(past.value_scale!, 'float32')), past.value!, 1)
  return g.matmul(weights, widened(g, past.value!, past.kind))
}

/** A run's own keys and values [batch, heads, seq, dimHead] as the cache keeps them. */
export function presentOf(g: GraphBuilder, key: Value, value: Value, kind: KeyValueDType): LayerCache {
  if (kind === 'float32') return { kind, key, value }
  if (kind === 'float16') return { kind, key: g.cast(key, 'float16'), value: g.cast(value, 'float16') }
  const k = toBytes(g, key)
  const v = toBytes(g, value)
  const turned = (x: Value) => g.transpose(x, [0, 1, 3, 2])
  return { kind, key: turned(k.bytes), key_scale: turned(k.scale), value: v.bytes, value_scale: turned(v.scale) }
}

function widened(g: GraphBuilder, x: Value, kind: KeyValueDType): Value {
  return kind === 'float32' ? x : g.cast(x, 'float32')
}

/** Largest magnitude of each row, at least `least`, over `steps`. x: [..., n] -> [..., 1] */
function rowScale(g: GraphBuilder, x: Value, steps: number, least: number): Value {
  const largest = g.op('ReduceMax', [g.op('Abs', [x]), g.ints(-1)], { attributes: { keepdims: 1 } })
  return g.mul(g.op('Max', [largest, g.scalar(least)]), g.scalar(1 / steps))
}

/** A zero point for each of `scales`, which are finite. */
function zeroPoints(g: GraphBuilder, scales: Value, value: number, dtype: 'int8' | 'uint8'): Value {
  return g.cast(g.add(g.mul(scales, g.scalar(0)), g.scalar(value)), dtype)
}

/** A row of less counts as so large: its scale would be 0 in half precision. */
const leastOfBytes = 1e-4

/** Rows as int8 in -127..127, each with its scale. x: [..., n] -> bytes [..., n], scale float16 [..., 1] */
function toBytes(g: GraphBuilder, x: Value): { bytes: Value; scale: Value } {
  const scale = g.cast(rowScale(g, x, 127, leastOfBytes), 'float16')
  const scales = g.cast(g.reshape(scale, -1), 'float32') // bytes of the scale that is kept
  const rows = g.op('Reshape', [x, g.concat([g.ints(-1), g.shape(x, -1)], 0)]) // [all rows, n]
  const bytes = g.op('QuantizeLinear', [rows, scales, zeroPoints(g, scales, 0, 'int8')], { attributes: { axis: 0 } })
  return { bytes: g.op('Reshape', [bytes, g.shape(x)]), scale }
}

/** Of the 7 bits that a left operand may have: with 8, processors without VNNI add up pairs beyond 16 bits. */
const steps = 63
const middle = 64

/**
 * alpha * x @ b for int8 b, in integers. Each row of x is taken apart into two numbers of 7 bits, a coarse one and the rest of
 * it, so that x keeps 13 bits of its row's largest value: what is lost is lost in b.
 * x: [batch, heads, seq, n], b: [batch, heads, n, m] -> [batch, heads, seq, m]
 */
function byteProduct(g: GraphBuilder, x: Value, b: Value, alpha: number): Value {
  const scale = rowScale(g, x, steps, 1e-30) // [batch, heads, seq, 1]
  const scales = g.reshape(scale, -1)
  const zeros = zeroPoints(g, scales, middle, 'uint8')
  const perRow = { attributes: { axis: 0 } }
  const rows = g.op('Reshape', [x, g.concat([g.ints(-1), g.shape(x, -1)], 0)])
  const coarse = g.op('QuantizeLinear', [rows, scales, zeros], perRow)
  const rest = g.sub(rows, g.op('DequantizeLinear', [coarse, scales, zeros], perRow)) // at most half a step
  const fine = g.op('QuantizeLinear', [rest, g.mul(scales, g.scalar(1 / (2 * steps))), zeros], perRow)
  const shape = g.shape(x)
  const both = g.concat([g.op('Reshape', [coarse, shape]), g.op('Reshape', [fine, shape])], 2) // [batch, heads, 2 seq, n]
  const zero = g.constant(tensor('uint8', Uint8Array.from([middle]), []), 'middle')
  const product = g.op('MatMulIntegerToFloat', [both, b, g.scalar(1), g.scalar(1), zero], { domain: 'com.microsoft' })
  const [ofCoarse, ofFine] = g.chunk(product, 2, 2)
  const sum = g.add(ofCoarse!, g.mul(ofFine!, g.scalar(1 / (2 * steps))))
  return g.mul(sum, alpha === 1 ? scale : g.mul(scale, g.scalar(alpha)))
}
