import { type Tensor, tensor } from '@viscpm/core'
import type { CacheLayout, CachePart } from './cache-layout.js'
import { SlotArray } from './slot-array.js'

interface Stored {
  readonly layer: number
  readonly part: CachePart
  readonly array: SlotArray
}

/**
 * Keys and values of one prompt and of all answers growing from it, one slot per token.
 * Kept outside the graph: a run reads it and returns only its new rows, which are written here.
 */
export class KeyValueCache {
  /** Slots that the next run's masks must cover: those in use and the spare ones. */
  slots = 0
  readonly #stored: readonly Stored[]

  constructor(layout: CacheLayout) {
    this.#stored = layout.layers.flatMap(layer =>
      layout.parts.map(part => ({ layer, part, array: new SlotArray(part.dtype, part.outer, part.inner) })),
    )
  }

  /** Bytes of all slots. */
  get nbytes(): number {
    return this.#stored.reduce((sum, { array }) => sum + array.nbytes, 0)
  }

  /** Makes room for `needed` slots, growing by 1/64 at least so that long answers do not move at each step. */
  reserve(needed: number): void {
    if (needed <= this.slots) return
    const slots = Math.ceil(Math.max(needed + 32, this.slots + this.slots / 64) / 16) * 16
    for (const { array } of this.#stored) array.grow(slots)
    this.slots = slots
  }

  /** The cache as the graph's inputs `past_<part>.<layer>`. */
  feeds(): Record<string, Tensor> {
    const out: Record<string, Tensor> = {}
    for (const { layer, part, array } of this.#stored)
      out[`past_${part.name}.${layer}`] = tensor(part.dtype, array.data, part.shape(1, this.slots))
    return out
  }

  /** Writes a run's `present_<part>.<layer>` into `places`, which have been reserved; token i of the run into places[i]. */
  write(outputs: Readonly<Record<string, Tensor>>, places: readonly number[]): void {
    for (const { layer, part, array } of this.#stored)
      array.write(outputs[`present_${part.name}.${layer}`]!.data as never, places)
  }

  /** Gives the memory back. */
  dispose(): void {
    for (const { array } of this.#stored) array.release()
    this.slots = 0
  }
}
