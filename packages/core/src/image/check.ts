import { InvalidArgumentError } from '../errors.js'
import type { Image } from './types.js'

/**
 * For entry points, which may be handed anything: `argument` must be a whole 8-bit picture.
 * @throws InvalidArgumentError naming the argument
 */
export function checkPixels(argument: string, image: Partial<Image> | undefined): void {
  const { width = 0, height = 0, data } = image ?? {}
  const sized = Number.isSafeInteger(width) && width > 0 && Number.isSafeInteger(height) && height > 0
  if (sized && data instanceof Uint8Array && data.length === width * height * 3) return
  throw new InvalidArgumentError({
    argument,
    message: `${width} x ${height} pixels with ${data?.length ?? 0} bytes`,
    hint: 'Pictures are 8-bit RGB, row by row, without alpha: width * height * 3 bytes.',
  })
}

/** @throws InvalidArgumentError when the sizes and the data of a picture do not fit together. */
export function checkImage(image: Image): void {
  const { width, height, data } = image
  if (!Number.isSafeInteger(width) || width < 1 || !Number.isSafeInteger(height) || height < 1)
    throw new InvalidArgumentError({ argument: 'image', message: `has no pixels (${width} x ${height})` })
  if (data.length !== width * height * 3)
    throw new InvalidArgumentError({
      argument: 'image',
      message: `${width} x ${height} RGB pixels need ${width * height * 3} bytes, its data has ${data.length}`,
      hint: 'Pictures are 8-bit RGB, row by row, without alpha.',
    })
}
