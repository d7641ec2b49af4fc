import type { GraphBuilder, Value } from '@viscpm/core/graph'
import type { Observe } from '../blocks/observe.js'

/**
 * What a level's parts need besides the picture. A guided batch holds every sample once per context; until a part looks at
 * the context these are the same, so they are computed once (`samples` rows) and repeated (`batch` rows) where it does.
 */
export class Conditions {
  /** [batch, tokens, cross_attention_dim] */
  readonly context: Value
  readonly observe: Observe
  readonly #g: GraphBuilder
  readonly #copies: Value
  #time: Value
  #met = false

  /** @param time silu of the time embedding [samples, timeChannels]. @param sample [samples, ...] */
  constructor(g: GraphBuilder, parts: { time: Value; sample: Value; context: Value; observe: Observe }) {
    this.#g = g
    this.#time = parts.time
    this.context = parts.context
    this.observe = parts.observe
    this.#copies = g.div(g.shape(parts.context, 0, 1), g.shape(parts.sample, 0, 1))
  }

  /** silu of the time embedding [rows, timeChannels]: as many rows as the picture has at this point. */
  get time(): Value {
    return this.#time
  }

  /** x with `batch` rows, at whatever point it is taken. */
  repeated(x: Value, rank: number): Value {
    if (this.#met) return x
    const g = this.#g
    return g.op('Tile', [x, g.concat([this.#copies, g.ints(...new Array<number>(rank - 1).fill(1))], 0)])
  }

  /** From here on pictures have `batch` rows. @returns x with as many */
  meetContext(x: Value, rank: number): Value {
    if (this.#met) return x
    const whole = this.repeated(x, rank)
    this.#time = this.repeated(this.#time, 2)
    this.#met = true
    return whole
  }
}
