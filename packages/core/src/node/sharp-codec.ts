import type Sharp from 'sharp'
import { ImageError, InvalidArgumentError, isVisCPMError, MissingDependencyError } from '../errors.js'
import { type Pixels, toRGB } from '../image/alpha.js'
import { checkImage } from '../image/check.js'
import { decodeGif } from '../image/gif.js'
import type { ImageHeader } from '../image/header.js'
import { orient } from '../image/orientation.js'
import { checkedHeader, checkedSettings, type DecodeSettings } from '../image/settings.js'
import type { DecodeOptions, Image, ImageCodec } from '../image/types.js'

async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (await import('sharp')).default
  } catch (cause) {
    throw new MissingDependencyError({
      dependency: 'sharp',
      message: "reading and writing pictures needs the package 'sharp', which cannot be loaded",
      hint: 'Install it beside @viscpm/core: npm install sharp',
      cause,
    })
  }
}

/** 16-bit samples to 8 bits as Pillow does: grey alone is clipped, everything else keeps its high byte. */
function to8Bits(bytes: Buffer, clip: boolean): Uint8Array {
  const out = new Uint8Array(bytes.length / 2)
  for (let i = 0; i < out.length; i++) {
    const value = bytes.readUInt16LE(i * 2) // raw ushort is in machine order; every platform sharp has is little-endian
    out[i] = clip ? Math.min(value, 255) : value >> 8
  }
  return out
}

/** CMYK ink amounts to RGB. Source: Pillow, cmyk2rgb. */
function cmykToRGB(cmyk: Uint8Array): Uint8Array {
  const out = new Uint8Array((cmyk.length / 4) * 3)
  for (let i = 0, p = 0; i < out.length; p += 4) {
    const light = 255 - cmyk[p + 3]!
    for (let c = 0; c < 3; c++) out[i++] = Math.max(0, light - Math.round((cmyk[p + c]! * light) / 255))
  }
  return out
}

async function decodeWithSharp(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  header: ImageHeader,
  { grey16, maxPixels }: DecodeSettings,
): Promise<Pixels> {
  const cmyk = header.format === 'jpeg' && header.channels === 4
  const deep = header.format === 'png' && header.bitDepth === 16
  const grey = header.channels < 3 && header.format === 'png'
  const space = cmyk ? 'cmyk' : deep ? (grey ? 'grey16' : 'rgb16') : 'srgb'
  // Profiles are ignored as PIL does; 'error' refuses truncated data but not harmless warnings.
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: true })
  if (cmyk) image.pipelineColourspace('cmyk')
  const { data, info } = await image
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (cmyk) return { width, height, channels: 3, data: cmykToRGB(data) }
  const clip = grey16 === 'clip' && header.channels === 1
  return { width, height, channels: channels as Pixels['channels'], data: deep ? to8Bits(data, clip) : data }
}

async function decode(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const settings = checkedSettings(options)
  const header = checkedHeader(bytes, settings)
  if (header.format === 'gif') return toRGB(decodeGif(bytes), settings.alpha)
  const sharp = await loadSharp()
  try {
    const pixels = await decodeWithSharp(sharp, bytes, header, settings)
    const { orientation = 1 } = settings.applyOrientation
      ? await sharp(bytes, { limitInputPixels: false }).metadata()
      : {}
    return orient(toRGB(pixels, settings.alpha), orientation)
  } catch (cause) {
    if (isVisCPMError(cause)) throw cause
    // The decoder's own words stay in the cause: they may tell more than a client should see.
    throw new ImageError({
      message: `the ${header.format.toUpperCase()} picture is broken or cut off`,
      hint: 'Save or download the picture again.',
      cause,
    })
  }
}

async function encode(image: Image, format: 'png' | 'jpeg'): Promise<Uint8Array> {
  checkImage(image)
  if (format !== 'png' && format !== 'jpeg')
    throw new InvalidArgumentError({ argument: 'format', message: `must be 'png' or 'jpeg', not '${String(format)}'` })
  const sharp = await loadSharp()
  const { width, height, data } = image
  const pipeline = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
  try {
    return await (format === 'png' ? pipeline.png() : pipeline.jpeg({ quality: 92 })).toBuffer()
  } catch (cause) {
    throw new ImageError({ message: `cannot write ${width} x ${height} pixels as ${format.toUpperCase()}`, cause })
  }
}

/**
 * Reads PNG, JPEG, WebP and GIF (first frame), recognised by their first bytes, as PIL's `convert('RGB')` does;
 * writes PNG and JPEG. Needs the optional package `sharp`, loaded at the first use.
 * Colour profiles are ignored (as PIL does); metadata is not written.
 * @throws ImageError when the bytes are another kind of file, broken, cut off, or have more than `maxPixels`.
 * @throws MissingDependencyError when sharp is not installed.
 */
export function sharpCodec(): ImageCodec {
  return { decode, encode }
}
