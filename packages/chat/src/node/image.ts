import { readFile } from 'node:fs/promises'
import { type DecodeOptions, FileNotFoundError, type Image, ImageError } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'

/** Files above this are not read. */
const maxBytes = 200 * 2 ** 20

/**
 * Reads a picture: a path, or the bytes of a PNG, JPEG, WebP or GIF file.
 * @throws FileNotFoundError, ImageError
 */
export async function loadImage(from: string | Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const bytes = typeof from === 'string' ? await readPicture(from) : from
  if (bytes.length > maxBytes)
    throw new ImageError({ message: `the picture file has ${bytes.length} bytes, at most ${maxBytes} are read` })
  try {
    return await sharpCodec().decode(bytes, options)
  } catch (error) {
    if (typeof from === 'string' && error instanceof ImageError)
      throw new ImageError({
        message: `${from}: ${error.message}`,
        cause: error,
        ...(error.hint && { hint: error.hint }),
      })
    throw error
  }
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const message =
      code === 'ENOENT'
        ? 'no such picture'
        : code === 'EISDIR'
          ? 'is a folder, not a picture'
          : `cannot be read (${code})`
    throw new FileNotFoundError({ file: path, message, cause })
  }
}
