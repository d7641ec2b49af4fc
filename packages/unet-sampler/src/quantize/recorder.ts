import { InvalidArgumentError, NonFiniteError, type Tensor, type ValueRange } from '@viscpm/core'
import { GraphBuilder, type Parameter, type Value } from '@viscpm/core/graph'
import { extremes, percentiles } from './reductions.js'

/**
 * How the range of an activation is taken from its values: 'min-max' holds all of them; 'percentile' leaves out
 * `1 - percentile` of a run's values on each side, which are then rounded to the end of the range.
 */
export interface RangeOptions {
  /** Default 'min-max'. */
  readonly method?: 'min-max' | 'percentile'
  /** Share of the values below the upper end, 0.5 to 1. Default 0.9999. */
  readonly percentile?: number
}

/** What went into a layer and came out of it. */
export interface LayerRange {
  readonly input: ValueRange
  readonly output: ValueRange
}

/** By the key of the layer's weight. */
export type LayerRanges = ReadonlyMap<string, LayerRange>

const outputName = 'layer_ranges'

/** Builds graphs that also say in which range the activations of their layers lie, and gathers that over the runs. */
export class RangeRecorder {
  readonly #records: (key: string) => boolean
  readonly #reduce: (g: GraphBuilder, x: Value) => readonly [Value, Value]
  readonly #layers: { key: string; input: number; output: number }[] = []
  /** min and max of each different value, as the output has them. */
  #seen: Float32Array | undefined
  #count = 0

  /** @param records whether a layer, by the key of its weight, shall be recorded. @throws InvalidArgumentError */
  constructor(records: (key: string) => boolean, { method = 'min-max', percentile = 0.9999 }: RangeOptions = {}) {
    if (!(percentile > 0.5 && percentile <= 1))
      throw new InvalidArgumentError({ argument: 'percentile', message: `must be from 0.5 to 1, not ${percentile}` })
    this.#records = records
    this.#reduce = method === 'min-max' ? extremes : (g, x) => percentiles(g, x, percentile)
  }

  /** The name of the output that `add` takes. */
  static readonly output: string = outputName

  /** A builder that records: call `declare` when the network is built. */
  builder(name: string): { g: GraphBuilder; declare(): void } {
    const reduced = new Map<string, number>()
    const values: Value[] = []
    const indexOf = (x: Value): number => {
      const known = reduced.get(x.name)
      if (known !== undefined) return known
      values.push(...this.#reduce(g, x))
      reduced.set(x.name, values.length / 2 - 1)
      return values.length / 2 - 1
    }
    const onLayer = ({ key }: Parameter, input: Value, output: Value) => {
      if (this.#records(key)) this.#layers.push({ key, input: indexOf(input), output: indexOf(output) })
    }
    const g = new GraphBuilder(name, onLayer)
    const declare = () => {
      this.#count = values.length
      g.output(outputName, g.concat(values, 0), 'float32', [values.length])
    }
    return { g, declare }
  }

  /** Takes the ranges of one run. @throws NonFiniteError */
  add({ data }: Tensor): void {
    const found = data as Float32Array
    if (found.length !== this.#count)
      throw new InvalidArgumentError({ argument: 'ranges', message: `${this.#count} values are needed` })
    const before = this.#seen
    this.#seen = found.map((value, i) => {
      if (!Number.isFinite(value)) throw new NonFiniteError({ message: `a layer to be quantized gives ${value}` })
      return before ? (i % 2 ? Math.max : Math.min)(before[i]!, value) : value
    })
  }

  /** Over all runs so far; a layer whose input or output was always zero is left out. @throws InvalidArgumentError before any */
  ranges(): LayerRanges {
    const seen = this.#seen
    if (!seen) throw new InvalidArgumentError({ argument: 'cases', message: 'nothing was run to calibrate with' })
    const range = (i: number): ValueRange => [Math.min(seen[2 * i]!, 0), Math.max(seen[2 * i + 1]!, 0)]
    const ranges = new Map<string, LayerRange>()
    for (const { key, input, output } of this.#layers) {
      const found = { input: range(input), output: range(output) }
      if (isWide(found.input) && isWide(found.output)) ranges.set(key, found)
    }
    return ranges
  }
}

const isWide = ([min, max]: ValueRange): boolean => max > min
