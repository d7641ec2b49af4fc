import type { ByteSource } from '../bytes.js'
import { DisposedError, FileFormatError } from '../errors.js'

/**
 * A Blob, or a File that a person chose, read by range: browsers keep large ones on the disk.
 * @param name for messages; default a File's own name
 */
export function blobBytes(blob: Blob, name: string = blob instanceof File ? blob.name : 'blob'): ByteSource {
  let held: Blob | undefined = blob
  const { size } = blob
  return {
    name,
    size,
    async read(offset, length) {
      if (!held) throw new DisposedError({ message: `${name}: read after it was closed` })
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw new FileFormatError({ file: name, message: `range ${offset}+${length} is outside its ${size} bytes` })
      try {
        return new Uint8Array(await held.slice(offset, offset + length).arrayBuffer())
      } catch (cause) {
        throw new FileFormatError({
          file: name,
          offset,
          message: 'the browser cannot read it any more',
          hint: 'Choose the file again: it was changed, moved or removed.',
          cause,
        })
      }
    },
    async close() {
      held = undefined
    },
  }
}
