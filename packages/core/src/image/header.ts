import { ImageError } from '../errors.js'
import { locateGifFrame } from './gif.js'

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif'

/** What a picture file says about itself before any pixel is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat
  readonly width: number
  readonly height: number
  /** Bits per channel of a pixel, or per palette index. */
  readonly bitDepth: number
  /** 1 grey or palette, 2 grey and alpha, 3 colour, 4 colour and alpha or CMYK. */
  readonly channels: number
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end))
}

const broken = (format: string): ImageError =>
  new ImageError({ message: `the ${format} header is broken or cut off`, hint: 'Save or download the picture again.' })

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function png(bytes: Uint8Array): ImageHeader {
  if (bytes.length < 33 || ascii(bytes, 12, 16) !== 'IHDR') throw broken('PNG')
  const channels = [1, 0, 3, 1, 2, 0, 4][bytes[25]!]
  if (!channels) throw broken('PNG')
  const v = view(bytes)
  return { format: 'png', width: v.getUint32(16), height: v.getUint32(20), bitDepth: bytes[24]!, channels }
}

function gif(bytes: Uint8Array): ImageHeader {
  const { width, height } = locateGifFrame(bytes)
  return { format: 'gif', width, height, bitDepth: 8, channels: 1 }
}

function jpeg(bytes: Uint8Array): ImageHeader {
  const v = view(bytes)
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw broken('JPEG')
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++ // fill bytes before a marker
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2 // markers without a length
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      if (at + 10 > bytes.length) break
      const [height, width] = [v.getUint16(at + 5), v.getUint16(at + 7)]
      return { format: 'jpeg', width, height, bitDepth: bytes[at + 4]!, channels: bytes[at + 9]! }
    }
    if (marker === 0xda || marker === 0xd9) break // pixels or the end before any frame header
    at += 2 + v.getUint16(at + 2)
  }
  throw broken('JPEG')
}

function webp(bytes: Uint8Array): ImageHeader {
  if (bytes.length < 30) throw broken('WebP')
  const v = view(bytes)
  const kind = ascii(bytes, 12, 16)
  const header = (width: number, height: number, alpha: boolean): ImageHeader => ({
    format: 'webp',
    width,
    height,
    bitDepth: 8,
    channels: alpha ? 4 : 3,
  })
  if (kind === 'VP8X') {
    const u24 = (at: number) => v.getUint16(at, true) | (bytes[at + 2]! << 16)
    return header(u24(24) + 1, u24(27) + 1, (bytes[20]! & 0x10) !== 0)
  }
  if (kind === 'VP8L' && bytes[20] === 0x2f) {
    const bits = v.getUint32(21, true)
    return header((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1, ((bits >>> 28) & 1) === 1)
  }
  if (kind === 'VP8 ' && ascii(bytes, 23, 26) === '\x9d\x01\x2a')
    return header(v.getUint16(26, true) & 0x3fff, v.getUint16(28, true) & 0x3fff, false)
  throw broken('WebP')
}

const otherFormats: readonly (readonly [RegExp, string])[] = [
  [/^(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i, 'an SVG or XML document'],
  [/^(\xef\xbb\xbf)?\s*<(!DOCTYPE )?(html|head|body)/i, 'a web page'],
  [/^BM/, 'a BMP picture'],
  [/^(II\*\0|MM\0\*)/, 'a TIFF picture'],
  [/^....ftyp(avif|avis)/s, 'an AVIF picture'],
  [/^....ftyp(hei|hev|mif)/s, 'a HEIC picture'],
  [/^....ftyp/s, 'a video'],
  [/^%PDF/, 'a PDF document'],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, 'a JPEG XL picture'],
  [/^PK\x03\x04/, 'a zip archive'],
]

/**
 * Reads format and size from the first bytes alone; names and suffixes are not looked at.
 * @throws ImageError when the bytes are not a PNG, JPEG, WebP or GIF, or the header is broken.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const magic = ascii(bytes, 0, 16)
  let header: ImageHeader
  if (magic.startsWith('\x89PNG\r\n\x1a\n')) header = png(bytes)
  else if (magic.startsWith('\xff\xd8\xff')) header = jpeg(bytes)
  else if (magic.startsWith('RIFF') && magic.startsWith('WEBP', 8)) header = webp(bytes)
  else if (/^GIF8[79]a/.test(magic)) header = gif(bytes)
  else if (bytes.length === 0)
    throw new ImageError({ message: 'the picture is empty (0 bytes)', hint: 'Check that it was read completely.' })
  else {
    const start = ascii(bytes, 0, 256)
    const kind = otherFormats.find(([pattern]) => pattern.test(start))?.[1]
    throw new ImageError({
      message: `not a PNG, JPEG, WebP or GIF picture${kind ? `: it looks like ${kind}` : ''}`,
      hint: 'Convert it to PNG or JPEG first.',
    })
  }
  if (header.width < 1 || header.height < 1)
    throw new ImageError({
      message: `the picture has no pixels (${header.width} x ${header.height})`,
      hint: 'Save or download the picture again.',
    })
  return header
}
