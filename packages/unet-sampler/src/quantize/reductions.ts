import type { GraphBuilder, Value } from '@viscpm/core/graph'

/** Smallest and largest value of x, [1] each. */
export function extremes(g: GraphBuilder, x: Value): readonly [Value, Value] {
  const reduced = (op: 'ReduceMin' | 'ReduceMax') => g.reshape(g.op(op, [x], { attributes: { keepdims: 0 } }), 1)
  return [reduced('ReduceMin'), reduced('ReduceMax')]
}

/** The values below and above which `1 - percentile` of x lie, [1] each; at least one value lies there. */
export function percentiles(g: GraphBuilder, x: Value, percentile: number): readonly [Value, Value] {
  const all = g.reshape(x, -1)
  const share = g.mul(g.cast(g.op('Size', [x]), 'float32'), g.scalar(1 - percentile))
  const count = g.reshape(g.cast(g.clip(g.op('Ceil', [share]), 1, 2 ** 24), 'int64'), 1)
  const last = (largest: 0 | 1) => {
    const [values] = g.ops('TopK', [all, count], 2, { attributes: { axis: 0, largest, sorted: 1 } })
    return g.slice(values!, -1, 2 ** 31 - 1, 0)
  }
  return [last(0), last(1)]
}
