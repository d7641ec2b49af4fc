import type { GraphBuilder, Value } from '@viscpm/core/graph'

/** Offers an intermediate by name. `make` is called, and its nodes emitted, only where someone wants to see it. */
export type Observe = (name: string, shape: readonly (number | string)[], make: () => Value) => void

/** Makes every intermediate a float32 output of the graph, or none. */
export function observer(g: GraphBuilder, wanted: boolean): Observe {
  return (name, shape, make) => {
    if (wanted) g.output(name, make(), 'float32', shape)
  }
}

/** The same observer for a part: names are prefixed. */
export function within(observe: Observe, prefix: string): Observe {
  return (name, shape, make) => observe(`${prefix}.${name}`, shape, make)
}
