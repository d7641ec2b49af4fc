import type { FileFormatError } from '../../errors.js'
import { dataView, readU64 } from '../zip-end.js'

/** The window given to the interpreter ended before the pickle; `needed` bytes of it would go one step further. */
export class NeedMoreBytes {
  constructor(readonly needed: number) {}
}

const maxLine = 256
// PyTorch's own need at most 10.
const maxInteger = 64

/** Reads the arguments of opcodes, never past the end. */
export class PickleCursor {
  position = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #available: number
  readonly #broken: (message: string, position: number) => FileFormatError
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  /** `available`: how long the pickle could be at most; `bytes` may be only its beginning. */
  constructor(bytes: Uint8Array, available: number, broken: (message: string, position: number) => FileFormatError) {
    this.#bytes = bytes
    this.#view = dataView(bytes)
    this.#available = available
    this.#broken = broken
  }

  /** Moves past `length` bytes and gives where they began. */
  #take(length: number): number {
    const start = this.position
    const end = start + length
    if (!(end <= this.#available)) throw this.#broken('the pickle is cut off, or lies about a length', start)
    if (end > this.#bytes.length) throw new NeedMoreBytes(end)
    this.position = end
    return start
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  u64(): number {
    return readU64(this.#view, this.#take(8))
  }

  /** Big-endian, unlike all else. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), false)
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** Checks that `length` more bytes can exist, without moving. */
  expect(length: number): void {
    if (!(this.position + length <= this.#available))
      throw this.#broken('the pickle is cut off, or lies about a length', this.position)
  }

  utf8(length: number): string {
    const start = this.#take(length)
    try {
      return this.#utf8.decode(this.#bytes.subarray(start, start + length))
    } catch {
      throw this.#broken('a string of the pickle is not UTF-8', start)
    }
  }

  /** Little-endian two's complement; a number where it is exact. */
  long(length: number): number | bigint {
    if (length > maxInteger) throw this.#broken(`an integer of ${length} bytes`, this.position)
    const start = this.#take(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]!)
    if (length > 0) value = BigInt.asIntN(8 * length, value)
    const small = Number(value)
    return Number.isSafeInteger(small) ? small : value
  }

  /** Text up to a newline, which is consumed. */
  line(): string {
    const start = this.position
    for (let i = start; i < start + maxLine; i++) {
      if (i >= this.#available) throw this.#broken('the pickle is cut off', start)
      if (i >= this.#bytes.length) throw new NeedMoreBytes(i + 1)
      if (this.#bytes[i] !== 0x0a) continue
      const text = this.utf8(i - start)
      this.position = i + 1
      return text
    }
    throw this.#broken('a name without end', start)
  }
}
