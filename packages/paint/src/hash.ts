import type { Image, Tensor, TensorData, WeightSource } from '@viscpm/core'

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, b => b.toString(16).padStart(2, '0')).join('')
}

/** Of a picture's size and pixels. */
export function imageHash({ width, height, data }: Image): Promise<string> {
  const bytes = new Uint8Array(8 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  bytes.set(data, 8)
  return sha256(bytes)
}

/** Of a tensor's values and shape. */
export function tensorHash({ data, shape }: Tensor): Promise<string> {
  const head = new TextEncoder().encode(`${shape}:`)
  const values = bytesOf(data)
  const bytes = new Uint8Array(head.length + values.length)
  bytes.set(head)
  bytes.set(values, head.length)
  return sha256(bytes)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

const sampleBytes = 64
const atOnce = 64

async function sample(weights: WeightSource, key: string): Promise<string> {
  const { dtype, shape } = weights.info(key)
  const place = weights.locate(key)
  const bytes = place
    ? await place.source.read(place.offset, Math.min(sampleBytes, place.length))
    : bytesOf((await weights.read(key)).data).subarray(0, sampleBytes)
  return `${key} ${dtype} [${shape}] ${Array.from(bytes, b => b.toString(16)).join(' ')}`
}

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
  return sha256(new TextEncoder().encode(lines.sort().join('\n')))
}
