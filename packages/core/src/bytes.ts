import { FileFormatError } from './errors.js'

/** A file or buffer that can be read at any offset. Offsets and lengths are bytes. */
export interface ByteSource {
  /** Shown in errors: the path, URL or a given name. */
  readonly name: string
  readonly size: number
  /** Absolute real path where the bytes are a local file; lets a backend map weights instead of reading them. */
  readonly path?: string
  /**
   * Reads exactly `length` bytes.
   * @throws FileFormatError when the range is not inside the source.
   */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** A ByteSource over bytes in memory. */
export function memoryBytes(bytes: Uint8Array, name = 'memory'): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.byteLength)
        throw new FileFormatError({
          file: name,
          message: `range ${offset}+${length} is outside its ${bytes.byteLength} bytes`,
        })
      return bytes.subarray(offset, offset + length)
    },
    async close() {},
  }
}
