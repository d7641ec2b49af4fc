import { readFile } from 'node:fs/promises'
import { FileFormatError, FileNotFoundError, sha256 } from '@viscpm/core'

/** A file's text, and the SHA-256 of its bytes in hexadecimal. */
export interface HashedText {
  readonly name: string
  readonly text: string
  readonly sha256: string
}

/** @throws FileNotFoundError when it cannot be read; FileFormatError when it is no UTF-8 */
export async function readText(file: string): Promise<HashedText> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const message = cause.code === 'EISDIR' ? 'is a folder' : cause.code === 'ENOENT' ? 'no such file' : cause.message
    throw new FileNotFoundError({ file, message, cause })
  })
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { name: file, text, sha256: await sha256(bytes) }
  } catch (cause) {
    throw new FileFormatError({ file, message: 'is no UTF-8 text', cause })
  }
}
