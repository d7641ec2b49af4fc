import { ImageError, InvalidArgumentError, isVisCPMError } from '../errors.js'
import { toRGB } from '../image/alpha.js'
import { checkImage } from '../image/check.js'
import { decodeGif } from '../image/gif.js'
import type { ImageHeader } from '../image/header.js'
import { checkedHeader, checkedSettings, type DecodeSettings } from '../image/settings.js'
import type { DecodeOptions, Image, ImageCodec } from '../image/types.js'
import { isComplete } from './complete.js'
import { straightPixels } from './straight-alpha.js'

function context(width: number, height: number): OffscreenCanvasRenderingContext2D {
  // Kept in ordinary memory: pixels that go through a graphics card may come back changed.
  const found = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })
  if (found) return found
  throw new ImageError({ message: `the browser has no canvas of ${width} x ${height} pixels` })
}

/** PNG files of every kind may be: by a palette, or a colour that stands for it. */
const mayBeTransparent = ({ format, channels }: ImageHeader): boolean =>
  format === 'png' || (format === 'webp' && channels === 4)

function canvasPixels(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap
  const canvas = context(width, height)
  canvas.drawImage(bitmap, 0, 0)
  return new Uint8Array(canvas.getImageData(0, 0, width, height).data.buffer)
}

async function decodeBlob(blob: Blob, header: ImageHeader, alpha: DecodeSettings['alpha']): Promise<Image> {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  try {
    const { width, height } = bitmap
    const straight = mayBeTransparent(header) ? await straightPixels(bitmap) : undefined
    return toRGB({ width, height, channels: 4, data: straight ?? canvasPixels(bitmap) }, alpha)
  } finally {
    bitmap.close()
  }
}

async function decode(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const settings = checkedSettings(options)
  if (!settings.applyOrientation)
    throw new InvalidArgumentError({ argument: 'applyOrientation', message: 'browsers always turn pictures upright' })
  const header = checkedHeader(bytes, settings)
  const { format } = header
  if (format === 'gif') return toRGB(decodeGif(bytes), settings.alpha)
  if (format === 'png' && header.bitDepth === 16 && header.channels === 1 && settings.grey16 === 'clip')
    throw new ImageError({
      message: 'a browser cannot clip 16-bit grey to 8 bits',
      hint: "Pass grey16: 'scale', or save the picture with 8 bits.",
    })
  const name = format.toUpperCase()
  const hint = 'Save or download the picture again.'
  if (!isComplete(bytes, format)) throw new ImageError({ message: `the ${name} picture is broken or cut off`, hint })
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${format}` })
  try {
    return await decodeBlob(blob, header, settings.alpha)
  } catch (cause) {
    if (isVisCPMError(cause)) throw cause
    throw new ImageError({ message: `the ${name} picture is broken or cut off`, hint, cause })
  }
}

async function encode(image: Image, format: 'png' | 'jpeg'): Promise<Uint8Array> {
  checkImage(image)
  if (format !== 'png' && format !== 'jpeg')
    throw new InvalidArgumentError({ argument: 'format', message: `must be 'png' or 'jpeg', not '${String(format)}'` })
  const { width, height, data } = image
  const rgba = new ImageData(width, height, { colorSpace: 'srgb' })
  for (let i = 0, p = 0; i < data.length; p += 4) {
    rgba.data[p] = data[i++]!
    rgba.data[p + 1] = data[i++]!
    rgba.data[p + 2] = data[i++]!
    rgba.data[p + 3] = 255
  }
  const canvas = context(width, height)
  canvas.putImageData(rgba, 0, 0)
  const blob = await canvas.canvas.convertToBlob({ type: `image/${format}`, quality: 0.92 })
  return new Uint8Array(await blob.arrayBuffer())
}

/**
 * Reads PNG, JPEG, WebP and GIF (first frame) with the browser's own decoders, and writes PNG and JPEG; in pages and in
 * workers. Opaque PNG files give the same pixels as in Node. Profiles are ignored, and what is cut off is refused, as there;
 * other than there, pictures are always turned upright and 16-bit grey is only scaled. Where a browser has no VideoFrame, colours under
 * transparency are those that a canvas gives back.
 * @throws ImageError when the bytes are another kind of file, broken, cut off, or have more than `maxPixels`;
 * InvalidArgumentError for applyOrientation false
 */
export function canvasCodec(): ImageCodec {
  return { decode, encode }
}
