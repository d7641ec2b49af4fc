import { type GraphBuilder, Module, type Value } from '@viscpm/core/graph'

/** Tokens by the expert that treats them, each [batch, tokens, dim]. `B` is absent when there are no queries. */
export interface Tokens {
  /** Class token, then patches row by row. */
  readonly A: Value
  /** Learned queries. */
  readonly B: Value | undefined
}

interface Layer extends Module {
  build(g: GraphBuilder, x: Value): Value
}

/** A layer that exists twice: A for picture tokens, B for queries, each run on its own rows only. Source: BEiT-3, 2.1. */
export class Multiway<L extends Layer> extends Module {
  readonly A: L
  readonly B: L

  constructor(make: (expert: 'A' | 'B') => L) {
    super()
    this.A = make('A')
    this.B = make('B')
  }

  build(g: GraphBuilder, x: Tokens): Tokens {
    return { A: this.A.build(g, x.A), B: x.B && this.B.build(g, x.B) }
  }
}

/** Both parts as one sequence: [batch, tokens A + tokens B, dim]. */
export function joined(g: GraphBuilder, { A, B }: Tokens): Value {
  return B ? g.concat([A, B], 1) : A
}

/** x + y, part by part. */
export function residual(g: GraphBuilder, x: Tokens, y: Tokens): Tokens {
  return { A: g.add(x.A, y.A), B: x.B && y.B && g.add(x.B, y.B) }
}
