import { sha256 } from '../sha256.js'
import type { WeightSource } from './types.js'

const sampleBytes = 64
const atOnce = 64

/**
 * Tells models apart at little cost: SHA-256 of every tensor's name, dtype, shape and first 64 bytes, in any order of the
 * file and any container. It is no proof of integrity.
 */
export async function modelHash(
  parts: readonly { readonly weights: WeightSource; readonly prefix?: string }[],
): Promise<string> {
  const lines: string[] = []
  for (const { weights, prefix = '' } of parts) {
    const keys = weights.keys().filter(key => key.startsWith(prefix))
    for (let at = 0; at < keys.length; at += atOnce)
      lines.push(...(await Promise.all(keys.slice(at, at + atOnce).map(key => sample(weights, key)))))
  }
  return sha256(lines.sort().join('\n'))
}

async function sample(weights: WeightSource, key: string): Promise<string> {
  const { dtype, shape } = weights.info(key)
  const place = weights.locate(key)
  const bytes = place
    ? await place.source.read(place.offset, Math.min(sampleBytes, place.length))
    : beginning((await weights.read(key)).data)
  return `${key} ${dtype} [${shape}] ${Array.from(bytes, b => b.toString(16)).join(' ')}`
}

const beginning = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, Math.min(sampleBytes, byteLength))
