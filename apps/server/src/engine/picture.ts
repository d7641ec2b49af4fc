import { type Image, ImageError } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'

/** Most pixels of a picture that is given. */
export const maxPixels = 50_000_000

/** @throws ImageError naming the field */
export function decodePicture(bytes: Uint8Array): Promise<Image> {
  return sharpCodec().decode(bytes, { alpha: 'white', maxPixels })
}

/**
 * A mask, white where it is painted anew. One with transparent places means those, as with OpenAI; one without is white
 * where it is to be painted, as with everybody else.
 * @throws ImageError
 */
export async function decodeMask(bytes: Uint8Array): Promise<Image> {
  const opaque = await sharpCodec().decode(bytes, { alpha: 'drop', maxPixels })
  const { default: sharp } = await import('sharp')
  const { width, height } = opaque
  const alpha = await sharp(bytes, { limitInputPixels: maxPixels })
    .ensureAlpha()
    .extractChannel('alpha')
    .raw()
    .toBuffer()
    .catch(cause => {
      throw new ImageError({ message: 'the mask is broken or cut off', cause })
    })
  if (alpha.length !== width * height || alpha.every(value => value === 255)) return opaque
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = 255 - alpha[Math.floor(i / 3)]!
  return { width, height, data }
}
