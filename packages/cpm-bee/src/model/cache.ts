import { allocate, type Tensor, tensor } from '@viscpm/core'

/**
 * Keys and values of one prompt and of all answers growing from it, one slot per token.
 * Kept outside the graph: a run reads it and returns only its new rows, which are written here.
 */
export class KeyValueCache {
  private capacity = 0
  private readonly keys: Float32Array[]
  private readonly values: Float32Array[]
  /** Slots in use. */
  length = 0

  constructor(
    private readonly layers: readonly number[],
    private readonly heads: number,
    private readonly dimHead: number,
  ) {
    this.keys = layers.map(() => new Float32Array(0))
    this.values = layers.map(() => new Float32Array(0))
  }

  /** Slots that the next run's masks must cover: those in use and the spare ones. */
  get slots(): number {
    return this.capacity
  }

  /** Makes room for `extra` more slots, growing by a quarter at least so that long answers do not copy at each step. */
  reserve(extra: number): void {
    const needed = this.length + extra
    if (needed <= this.capacity) return
    const capacity = Math.ceil(Math.max(needed + 16, this.capacity * 1.25) / 16) * 16
    for (const store of [this.keys, this.values])
      for (let i = 0; i < store.length; i++) store[i] = this.regrown(store[i]!, capacity)
    this.capacity = capacity
  }

  private regrown(old: Float32Array, capacity: number): Float32Array {
    const grown = allocate('float32', this.heads * capacity * this.dimHead)
    const used = this.length * this.dimHead
    for (let h = 0; h < this.heads; h++) {
      const from = h * this.capacity * this.dimHead
      grown.set(old.subarray(from, from + used), h * capacity * this.dimHead)
    }
    return grown
  }

  /** The cache as the graph's inputs `past_key.i`, `past_value.i`: [1, heads, slots, dimHead]. */
  feeds(): Record<string, Tensor> {
    const shape = [1, this.heads, this.capacity, this.dimHead]
    const out: Record<string, Tensor> = {}
    this.layers.forEach((layer, i) => {
      out[`past_key.${layer}`] = tensor('float32', this.keys[i]!, shape)
      out[`past_value.${layer}`] = tensor('float32', this.values[i]!, shape)
    })
    return out
  }

  /** Writes a run's `present_key.i`, `present_value.i` [1, heads, count, dimHead] into the next slots. */
  append(outputs: Readonly<Record<string, Tensor>>, count: number): void {
    this.reserve(count)
    this.layers.forEach((layer, i) => {
      this.write(this.keys[i]!, outputs[`present_key.${layer}`]!.data as Float32Array, count)
      this.write(this.values[i]!, outputs[`present_value.${layer}`]!.data as Float32Array, count)
    })
    this.length += count
  }

  private write(store: Float32Array, rows: Float32Array, count: number): void {
    const size = count * this.dimHead
    for (let h = 0; h < this.heads; h++) {
      const at = (h * this.capacity + this.length) * this.dimHead
      store.set(rows.subarray(h * size, (h + 1) * size), at)
    }
  }
}
