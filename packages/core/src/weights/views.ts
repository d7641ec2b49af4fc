import { InvalidArgumentError, MissingKeyError } from '../errors.js'
import type { Tensor } from '../tensor.js'
import { shown } from './text.js'
import type { TensorInfo, TensorLocation, WeightSource } from './types.js'

/**
 * The part of `source` whose keys begin with `prefix`, known by the rest of their keys: `withPrefix(chat, 'llm.')` has
 * `encoder.layers.0...` for `llm.encoder.layers.0...`. Closing it closes `source`.
 */
export function withPrefix(source: WeightSource, prefix: string): WeightSource {
  return renamed(source, key => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined))
}

/**
 * `source` under other keys: `rename` gives the new key, or undefined to leave a tensor out. Closing it closes `source`.
 * @throws InvalidArgumentError when two tensors would get the same key.
 */
export function renamed(source: WeightSource, rename: (key: string) => string | undefined): WeightSource {
  const original = new Map<string, string>()
  for (const key of source.keys()) {
    const to = rename(key)
    if (to === undefined) continue
    const other = original.get(to)
    if (other !== undefined)
      throw new InvalidArgumentError({
        argument: 'rename',
        message: `${shown(other)} and ${shown(key)} of ${source.name} both become ${shown(to)}`,
      })
    original.set(to, key)
  }
  return new RenamedWeights(source, original)
}

class RenamedWeights implements WeightSource {
  readonly #source: WeightSource
  readonly #original: ReadonlyMap<string, string>
  readonly #keys: readonly string[]

  constructor(source: WeightSource, original: ReadonlyMap<string, string>) {
    this.#source = source
    this.#original = original
    this.#keys = [...original.keys()]
  }

  get name(): string {
    return this.#source.name
  }

  get format(): WeightSource['format'] {
    return this.#source.format
  }

  keys(): readonly string[] {
    return this.#keys
  }

  has(key: string): boolean {
    return this.#original.has(key)
  }

  info(key: string): TensorInfo {
    return { ...this.#source.info(this.#from(key)), key }
  }

  locate(key: string): TensorLocation | undefined {
    return this.#source.locate(this.#from(key))
  }

  async read(key: string): Promise<Tensor> {
    return this.#source.read(this.#from(key))
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  #from(key: string): string {
    const from = this.#original.get(key)
    if (from === undefined) throw new MissingKeyError({ file: this.name, keys: [key] })
    return from
  }
}
