import { InvalidArgumentError } from '../errors.js'
import type { Image } from './types.js'

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
