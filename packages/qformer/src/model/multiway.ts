import { type GraphBuilder, Module, type Value } from '@viscpm/core/graph'

/** Tokens by the expert that treats them, each [batch, tokens, dim]; at least one part is there. */
export interface Tokens {
  /** Class token, then patches row by row. */
  readonly A?: Value | undefined
  /** Learned queries. */
  readonly B?: Value | undefined
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

  build(g: GraphBuilder, { A, B }: Tokens): Tokens {
    return { A: A && this.A.build(g, A), B: B && this.B.build(g, B) }
  }
}

/** Both parts as one sequence: [batch, tokens A + tokens B, dim]. */
export function joined(g: GraphBuilder, { A, B }: Tokens): Value {
  return A && B ? g.concat([A, B], 1) : (A ?? B)!
}

/** x + y, part by part. */
export function residual(g: GraphBuilder, x: Tokens, y: Tokens): Tokens {
  return { A: x.A && y.A && g.add(x.A, y.A), B: x.B && y.B && g.add(x.B, y.B) }
}
