import { decode, encode } from '@msgpack/msgpack'

/** Plain data with bytes in it as MessagePack: requests, results and events as they lie in Redis. */
export function pack(value: unknown): Buffer {
  const bytes = encode(value, { ignoreUndefined: true })
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What was packed. Bytes in it are views of `bytes`. */
export function unpack<T>(bytes: Uint8Array): T {
  return decode(bytes) as T
}
