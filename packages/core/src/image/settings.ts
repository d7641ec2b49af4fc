import { ImageError, InvalidArgumentError } from '../errors.js'
import { type ImageHeader, readImageHeader } from './header.js'
import type { DecodeOptions } from './types.js'

export type DecodeSettings = Required<DecodeOptions>

/** Options of a codec with their defaults. @throws InvalidArgumentError */
export function checkedSettings(options: DecodeOptions): DecodeSettings {
  const { applyOrientation = true, alpha = 'drop', grey16 = 'clip', maxPixels = 50_000_000 } = options
  const refuse = (argument: string, allowed: string, value: unknown) => {
    throw new InvalidArgumentError({ argument, message: `must be ${allowed}, not ${String(value)}` })
  }
  if (alpha !== 'drop' && alpha !== 'white') refuse('alpha', "'drop' or 'white'", alpha)
  if (grey16 !== 'clip' && grey16 !== 'scale') refuse('grey16', "'clip' or 'scale'", grey16)
  if (!(maxPixels >= 1)) refuse('maxPixels', 'a number above 0', maxPixels)
  return { applyOrientation, alpha, grey16, maxPixels }
}

/** The header of a file that may be decoded. @throws InvalidArgumentError, ImageError */
export function checkedHeader(bytes: Uint8Array, { maxPixels }: DecodeSettings): ImageHeader {
  if (!(bytes instanceof Uint8Array))
    throw new InvalidArgumentError({ argument: 'bytes', message: 'must be a Uint8Array holding the whole file' })
  const header = readImageHeader(bytes)
  if (header.width * header.height > maxPixels)
    throw new ImageError({
      message: `the picture has ${header.width} x ${header.height} pixels, more than the limit of ${maxPixels}`,
      hint: 'Make it smaller, or raise maxPixels.',
    })
  return header
}
