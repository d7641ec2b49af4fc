import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { JsonCursor, JsonSyntaxError } from './json-cursor.js'
import { limits } from './limits.js'
import { openSafetensors } from './safetensors.js'
import { shown } from './text.js'
import type { TensorInfo, TensorLocation, WeightSource } from './types.js'

/** Gives the file of that name beside the index. */
export type ResolveFile = (file: string) => Promise<ByteSource>

/**
 * Opens safetensors shards by their index (`model.safetensors.index.json`, as text). Every key must lie in exactly the
 * shard that the index names. File names are plain names; `resolve` is never asked for a path.
 * @throws FileFormatError, and what `resolve` throws
 */
export async function openShardedSafetensors(
  index: string,
  resolve: ResolveFile,
  name = 'model.safetensors.index.json',
): Promise<WeightSource> {
  const fileOf = parseIndex(index, name)
  const shards = new Map<string, WeightSource>()
  try {
    for (const file of new Set(fileOf.values())) {
      const source = await resolve(file)
      try {
        shards.set(file, await openSafetensors(source))
      } catch (error) {
        await source.close()
        throw error
      }
    }
    for (const [key, file] of fileOf)
      if (!shards.get(file)!.has(key))
        throw new FileFormatError({
          file: name,
          message: `${shown(key)} is not in ${shown(file)}, where the index puts it`,
        })
    for (const [file, shard] of shards)
      for (const key of shard.keys())
        if (fileOf.get(key) !== file)
          throw new FileFormatError({
            file: name,
            message: `${shown(file)} holds ${shown(key)}, which the index does not put there`,
          })
  } catch (error) {
    await Promise.all([...shards.values()].map(shard => shard.close()))
    throw error
  }
  return new ShardedWeights(name, fileOf, shards)
}

function parseIndex(text: string, name: string): Map<string, string> {
  const fileOf = new Map<string, string>()
  const json = new JsonCursor(text)
  let found = false
  try {
    json.object(field => {
      if (field !== 'weight_map') return json.skip()
      found = true
      json.object(key => {
        const file = json.string()
        if (fileOf.size >= limits.tensors) throw json.fail(`over ${limits.tensors} tensors`)
        if (!/^[\w][\w.-]{0,200}$/.test(file)) throw json.fail(`${shown(file)} is not a plain file name`)
        fileOf.set(key, file)
      })
    })
    json.end()
    if (!found || fileOf.size === 0) throw json.fail('weight_map is missing or empty')
  } catch (cause) {
    if (!(cause instanceof JsonSyntaxError)) throw cause
    throw new FileFormatError({
      file: name,
      message: `broken index: ${cause.message}, character ${cause.position}`,
      cause,
    })
  }
  return fileOf
}

class ShardedWeights implements WeightSource {
  readonly format = 'safetensors'
  readonly name: string
  readonly #fileOf: ReadonlyMap<string, string>
  readonly #shards: ReadonlyMap<string, WeightSource>
  readonly #keys: readonly string[]

  constructor(name: string, fileOf: ReadonlyMap<string, string>, shards: ReadonlyMap<string, WeightSource>) {
    this.name = name
    this.#fileOf = fileOf
    this.#shards = shards
    this.#keys = [...shards.values()].flatMap(shard => shard.keys())
  }

  keys(): readonly string[] {
    return this.#keys
  }

  has(key: string): boolean {
    return this.#fileOf.has(key)
  }

  // The first shard answers for a key that is nowhere: with MissingKeyError.
  #shard(key: string): WeightSource {
    return this.#shards.get(this.#fileOf.get(key) ?? '') ?? [...this.#shards.values()][0]!
  }

  info(key: string): TensorInfo {
    return this.#shard(key).info(key)
  }

  locate(key: string): TensorLocation | undefined {
    return this.#shard(key).locate(key)
  }

  read(key: string): ReturnType<WeightSource['read']> {
    return this.#shard(key).read(key)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#shards.values()].map(shard => shard.close()))
  }
}
