import { createHash } from 'node:crypto'
import type { ByteSource, WeightSource } from '@viscpm/core'

const chunk = 1 << 24

/**
 * SHA-256 of a checkpoint's bytes, in hexadecimal: what `sha256sum` says of the file; of several files' bytes one after
 * the other, by name. undefined when they are not what lies in a file (compressed ones).
 * @throws FileFormatError, the signal's reason when aborted
 */
export async function hashOfWeights(weights: WeightSource, signal?: AbortSignal): Promise<string | undefined> {
  const sources = new Map<string, ByteSource>()
  for (const key of weights.keys()) {
    const source = weights.locate(key)?.source
    if (source) sources.set(source.name, source)
  }
  if (sources.size === 0) return undefined
  const hash = createHash('sha256')
  for (const [, source] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (let at = 0; at < source.size; at += chunk) {
      signal?.throwIfAborted()
      hash.update(await source.read(at, Math.min(chunk, source.size - at)))
    }
  return hash.digest('hex')
}
