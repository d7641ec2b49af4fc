import type { GraphBuilder, Value } from '@viscpm/core/graph'

/**
 * Attention over fewer pixels: of every 2 x 2 the first is a target; of all others the most similar to a target are
 * averaged into it before they attend, and get its result afterwards. Nothing is drawn by chance, and of equal ones the first
 * counts. Source: token merging for Stable Diffusion (arXiv 2303.17604).
 */
export class TokenMerging {
  readonly #g: GraphBuilder
  /** int64: places of those that may be merged [sources], and of those that they are merged into [targets]. */
  readonly #sources: Value
  readonly #targets: Value
  /** int64 [1]: how many sources there are, and are merged. */
  readonly #sourceCount: Value
  readonly #mergedCount: Value

  /** @param ratio share of all pixels that is merged, up to 0.75. @param size int64 [height, width] */
  constructor(g: GraphBuilder, ratio: number, size: Value) {
    this.#g = g
    const odd = (axis: 0 | 1) => {
      const count = g.op('Squeeze', [g.slice(size, axis, axis + 1, 0)])
      return g.unsqueeze(g.op('Mod', [range(g, count), g.ints(2)]), 1 - axis)
    }
    const source = g.reshape(g.cast(g.add(odd(0), odd(1)), 'bool'), -1) // [pixels]
    const places = (of: Value) => g.reshape(g.op('NonZero', [of]), -1)
    this.#sources = places(source)
    this.#targets = places(g.op('Not', [source]))
    this.#sourceCount = g.shape(this.#sources)
    const asked = g.mul(g.cast(g.shape(source), 'float32'), g.scalar(ratio))
    this.#mergedCount = g.op('Min', [g.cast(g.op('Floor', [asked]), 'int64'), this.#sourceCount])
  }

  /**
   * attend(y) over merged pixels. @param x [rows, pixels, dim], what similarity is looked for in. @param y [rows, pixels, dim]
   * @returns [rows, pixels, dim]
   */
  around(x: Value, y: Value, attend: (y: Value) => Value): Value {
    const g = this.#g
    const length = g.op('ReduceL2', [x, g.ints(-1)], { attributes: { keepdims: 1 } })
    const unit = g.div(x, g.add(length, g.scalar(1e-12)))
    const similarity = g.fusedMatmul(g.gather(unit, this.#sources, 1), g.gather(unit, this.#targets, 1), {
      transB: true,
    }) // [rows, sources, targets]
    const best = g.op('ReduceMax', [similarity, g.ints(-1)], { attributes: { keepdims: 0 } })
    const bestTarget = g.op('ArgMax', [similarity], { attributes: { axis: -1, keepdims: 0 } })
    const [, order] = g.ops('TopK', [best, this.#sourceCount], 2) as [Value, Value] // the most similar first
    const part = (from: Value, to: Value) => g.op('Slice', [order, from, to, g.ints(1)])
    const merged = part(g.ints(0), this.#mergedCount)
    const kept = part(this.#mergedCount, this.#sourceCount)
    const into = g.op('GatherElements', [bestTarget, merged], { attributes: { axis: 1 } }) // [rows, merged]
    const mergedPlaces = g.gather(this.#sources, merged)
    const keptPlaces = g.gather(this.#sources, kept)

    const mean = this.#averaged(g.gather(y, this.#targets, 1), this.#rows(y, mergedPlaces), into)
    const z = attend(g.concat([this.#rows(y, keptPlaces), mean], 1)) // [rows, kept + targets, dim]

    const rowCount = g.shape(x, 0, 1)
    const perRow = (v: Value) => g.op('Expand', [v, g.concat([rowCount, g.shape(v)], 0)])
    const keptCount = g.shape(kept, 1, 2)
    const counted = (count: Value) => range(g, g.op('Squeeze', [count]))
    const from = g.concat(
      [perRow(counted(keptCount)), perRow(g.add(counted(g.shape(this.#targets)), keptCount)), g.add(into, keptCount)],
      1,
    )
    const at = g.concat([keptPlaces, perRow(this.#targets), mergedPlaces], 1) // every place of a row once
    const origin = g.op('ScatterElements', [from, at, from], { attributes: { axis: 1 } })
    return this.#rows(z, origin)
  }

  /** Rows of each batch row. x: [rows, n, dim], places: int64 [rows, m] -> [rows, m, dim]. */
  #rows(x: Value, places: Value): Value {
    const g = this.#g
    return g.op('GatherND', [x, g.unsqueeze(places, -1)], { attributes: { batch_dims: 1 } })
  }

  /** Means of each target and what is merged into it. targets: [rows, t, dim], merged: [rows, m, dim], into: int64 [rows, m]. */
  #averaged(targets: Value, merged: Value, into: Value): Value {
    const g = this.#g
    const index = g.unsqueeze(into, -1)
    const add = (to: Value, places: Value, values: Value) =>
      g.op('ScatterElements', [to, places, values], { attributes: { axis: 1, reduction: 'add' } })
    const sums = add(targets, g.op('Expand', [index, g.shape(merged)]), merged)
    const ones = (like: Value) => {
      const shape = g.concat([g.shape(like, 0, 2), g.ints(1)], 0)
      return g.op('Expand', [g.unsqueeze(g.scalar(1), 0), shape])
    }
    return g.div(sums, add(ones(targets), index, ones(merged)))
  }
}

/** int64 0, 1, ... count - 1. count: int64 [] */
function range(g: GraphBuilder, count: Value): Value {
  const scalar = (value: number) => g.op('Squeeze', [g.ints(value)])
  return g.op('Range', [scalar(0), count, scalar(1)])
}
