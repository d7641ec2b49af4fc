import { type DType, itemSize } from '../dtype.js'
import { DisposedError, InvalidArgumentError } from '../errors.js'
import { safetensorsDTypes } from './safetensors-header.js'
import type { ByteSink } from './sink.js'
import { checkedNumel } from './strided.js'
import { shown } from './text.js'

export interface TensorSpec {
  readonly key: string
  readonly dtype: DType
  readonly shape: readonly number[]
}

export interface SafetensorsWriterOptions {
  /** Strings for the header's `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Data begins at a multiple of this, so that a mapped file is aligned for every dtype. */
const alignment = 64

/**
 * Writes a safetensors file front to back, without holding it: the list of tensors is given first, then the data of
 * each in the order of `keys`, in one piece or several. Any failure drops the whole file.
 *
 * @throws InvalidArgumentError (constructor, `write`, `finish`), WriteFailedError, DisposedError after the end
 */
export class SafetensorsWriter {
  /** The order in which tensors must be written: wide dtypes first (which keeps all aligned), else as given. */
  readonly keys: readonly string[]
  /** Bytes of the whole file. */
  readonly size: number
  readonly #sink: ByteSink
  readonly #sizes: readonly number[]
  readonly #header: Uint8Array
  #index = 0
  /** Bytes written of the tensor at `#index`. */
  #written = 0
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(sink: ByteSink, tensors: readonly TensorSpec[], options: SafetensorsWriterOptions = {}) {
    const { ordered, sizes, header } = safetensorsHeader(tensors, options.metadata)
    this.#sink = sink
    this.keys = ordered.map(({ key }) => key)
    this.#sizes = sizes
    this.#header = header
    this.size = this.#header.length + this.#sizes.reduce((sum, n) => sum + n, 0)
  }

  /** Appends little-endian bytes of `key`, which must be the next one not yet complete. */
  async write(key: string, data: ArrayBufferView): Promise<void> {
    await this.#guarded(async () => {
      await this.#begin()
      this.#skipComplete()
      const expected = this.keys[this.#index]
      const size = this.#sizes[this.#index] ?? 0
      // An empty tensor has nothing to write; asking for it anyway is not an error.
      if (data.byteLength === 0 && this.keys.includes(key)) return
      if (key !== expected)
        throw new InvalidArgumentError({
          argument: 'key',
          message:
            expected === undefined
              ? `${shown(key)} after the last tensor`
              : `${shown(key)} instead of ${shown(expected)}`,
        })
      if (this.#written + data.byteLength > size)
        throw new InvalidArgumentError({
          argument: 'data',
          message: `${shown(key)} has ${size} bytes, ${this.#written + data.byteLength} were given`,
        })
      this.#written += data.byteLength
      await this.#sink.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    })
  }

  /** Makes the file final. */
  async finish(): Promise<void> {
    await this.#guarded(async () => {
      await this.#begin()
      this.#skipComplete()
      const missing = this.keys[this.#index]
      if (missing !== undefined)
        throw new InvalidArgumentError({
          argument: 'tensors',
          message: `${shown(missing)} has ${this.#sizes[this.#index]} bytes, ${this.#written} were given`,
        })
      await this.#sink.commit()
      this.#state = 'closed'
    })
  }

  /** Drops the file. Never throws; does nothing after `finish`. */
  async abort(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    await this.#sink.abort()
  }

  async #begin(): Promise<void> {
    if (this.#state !== 'new') return
    this.#state = 'open'
    await this.#sink.write(this.#header)
  }

  #skipComplete(): void {
    while (this.#index < this.keys.length && this.#written === this.#sizes[this.#index]) {
      this.#index++
      this.#written = 0
    }
  }

  async #guarded(step: () => Promise<void>): Promise<void> {
    if (this.#state === 'closed') throw new DisposedError({ message: `${this.#sink.name}: the writer has ended` })
    try {
      await step()
    } catch (error) {
      await this.abort()
      throw error
    }
  }
}

/** Tensors in the order of their bytes, those bytes' counts, and what comes before them. @throws InvalidArgumentError */
export function safetensorsHeader<T extends TensorSpec>(
  tensors: readonly T[],
  metadata?: Readonly<Record<string, string>>,
): { ordered: readonly T[]; sizes: readonly number[]; header: Uint8Array } {
  const ordered = [...tensors].sort((a, b) => itemSize(b.dtype) - itemSize(a.dtype))
  const sizes = ordered.map(checkedBytes)
  const seen = new Set<string>()
  for (const { key } of ordered) {
    if (seen.has(key)) throw new InvalidArgumentError({ argument: 'tensors', message: `${shown(key)} is there twice` })
    seen.add(key)
  }
  return { ordered, sizes, header: headerBytes(ordered, sizes, metadata) }
}

function checkedBytes({ key, dtype, shape }: TensorSpec): number {
  const count = checkedNumel(shape, dtype)
  if (key === '__metadata__' || /\p{Surrogate}/u.test(key) || count === undefined)
    throw new InvalidArgumentError({
      argument: 'tensors',
      message:
        count === undefined ? `${shown(key)} has the impossible shape [${shape}]` : `${shown(key)} cannot be a key`,
    })
  return count * itemSize(dtype)
}

function headerBytes(
  tensors: readonly TensorSpec[],
  sizes: readonly number[],
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const names = new Map([...safetensorsDTypes].map(([name, dtype]) => [dtype, name]))
  const fields = metadata && Object.keys(metadata).length ? [`"__metadata__":${JSON.stringify(metadata)}`] : []
  let begin = 0
  for (const [i, { key, dtype, shape }] of tensors.entries()) {
    const entry = { dtype: names.get(dtype), shape, data_offsets: [begin, begin + sizes[i]!] }
    fields.push(`${JSON.stringify(key)}:${JSON.stringify(entry)}`)
    begin += sizes[i]!
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const total = Math.ceil((8 + json.length) / alignment) * alignment
  const bytes = new Uint8Array(total).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(total - 8), true)
  bytes.set(json, 8)
  return bytes
}
