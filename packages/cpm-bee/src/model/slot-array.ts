import { allocate, type DTypeArrays, itemSize } from '@viscpm/core'

export type SlotDType = 'float32' | 'float16' | 'int8'

/** Where the engine has it (ES2024): a buffer that grows in its place, up to a bound that costs address space only. */
interface Resizable {
  readonly resizable?: boolean
  readonly maxByteLength?: number
  resize?(bytes: number): void
}

/** More address space than is used, so that most answers grow in place. */
const reserved = 1.5

function makeBuffer(bytes: number, perSlot: number): ArrayBuffer {
  const Growing = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer
  try {
    return new Growing(bytes, { maxByteLength: Math.ceil(bytes * reserved) + 512 * perSlot })
  } catch {
    return new ArrayBuffer(bytes) // address space is scarce too: then growing copies
  }
}

/**
 * [outer, slots, inner] numbers whose slots grow: in place where the engine can, so that there are never two copies; else
 * into a new array, one of a cache's at a time.
 */
export class SlotArray<D extends SlotDType = SlotDType> {
  data: DTypeArrays[D]
  slots = 0

  constructor(
    readonly dtype: D,
    readonly outer: number,
    readonly inner: number,
  ) {
    this.data = allocate(dtype, 0)
  }

  get nbytes(): number {
    return this.data.byteLength
  }

  /** What is in the slots stays; new ones hold anything finite. */
  grow(slots: number): void {
    const perSlot = this.outer * this.inner * itemSize(this.dtype)
    const old = this.data
    const buffer = old.buffer as ArrayBuffer & Resizable
    const inPlace = buffer.resizable && slots * perSlot <= buffer.maxByteLength!
    if (inPlace) buffer.resize!(slots * perSlot)
    const target = inPlace ? buffer : makeBuffer(slots * perSlot, perSlot)
    const grown = this.#view(target, slots)
    // From the last block on: in place, a block's new place overlaps only what has been moved.
    const [from, to] = [this.slots * this.inner, slots * this.inner]
    for (let o = this.outer - 1; o >= (inPlace ? 1 : 0); o--)
      if (inPlace) grown.copyWithin(o * to, o * from, (o + 1) * from)
      else grown.set(old.subarray(o * from, (o + 1) * from) as never, o * to)
    this.data = grown
    this.slots = slots
    if (!inPlace) release(buffer)
  }

  /** Writes `rows` [outer, places.length, inner] into the slots `places`. */
  write(rows: DTypeArrays[D], places: readonly number[]): void {
    const { outer, inner, slots, data } = this
    const count = places.length
    const together = places.every((place, i) => place === places[0]! + i)
    for (let o = 0; o < outer; o++)
      if (inner === 1 && count === 1) data[o * slots + places[0]!] = rows[o]!
      else if (together)
        data.set(rows.subarray(o * count * inner, (o + 1) * count * inner) as never, (o * slots + places[0]!) * inner)
      else
        for (let i = 0; i < count; i++) {
          const from = (o * count + i) * inner
          data.set(rows.subarray(from, from + inner) as never, (o * slots + places[i]!) * inner)
        }
  }

  /** Gives the memory back now, not when the engine next cleans up. */
  release(): void {
    const { buffer } = this.data
    this.data = allocate(this.dtype, 0)
    this.slots = 0
    release(buffer as ArrayBuffer)
  }

  #view(buffer: ArrayBuffer, slots: number): DTypeArrays[D] {
    const make = this.data.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => DTypeArrays[D]
    return new make(buffer, 0, this.outer * slots * this.inner)
  }
}

function release(buffer: ArrayBuffer & Resizable): void {
  if (buffer.resizable) buffer.resize!(0)
}
