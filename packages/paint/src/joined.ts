import { MissingKeyError, type WeightSource } from '@viscpm/core'
import { renamed } from '@viscpm/core/weights'

/** A part of a checkpoint, and the prefix that its keys shall have. */
export interface Placed {
  readonly weights: WeightSource
  readonly prefix: string
  readonly home: string
}

/** Several parts as one checkpoint, each under its new prefix. Closing it closes nothing. */
export function joined(name: string, parts: readonly Placed[]): WeightSource {
  const owners = new Map<string, WeightSource>()
  for (const { weights, prefix, home } of parts) {
    const view = renamed(weights, key => (key.startsWith(prefix) ? home + key.slice(prefix.length) : undefined))
    for (const key of view.keys()) owners.set(key, view)
  }
  const keys = [...owners.keys()]
  const owner = (key: string): WeightSource => {
    const found = owners.get(key)
    if (!found) throw new MissingKeyError({ file: name, keys: [key] })
    return found
  }
  return {
    name,
    format: 'memory',
    keys: () => keys,
    has: key => owners.has(key),
    info: key => owner(key).info(key),
    locate: key => owner(key).locate(key),
    read: key => owner(key).read(key),
    close: async () => {},
  }
}
