import { ImageError } from '../errors.js'
import type { Pixels } from './alpha.js'

/** The first picture inside a GIF file, not yet decompressed. */
export interface GifFrame {
  /** The whole picture: the logical screen, widened where the frame does not fit on it (as PIL does). */
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly frameWidth: number
  readonly frameHeight: number
  readonly interlaced: boolean
  /** RGB triples; undefined = grey levels. */
  readonly palette: Uint8Array | undefined
  readonly transparent: number | undefined
  /** Where the compressed pixels begin (at their code size). */
  readonly dataStart: number
}

const cutOff = (): ImageError =>
  new ImageError({ message: 'the GIF is broken or cut off', hint: 'Save or download the picture again.' })

/** Finds the first frame. @throws ImageError when there is none. Source: GIF89a specification. */
export function locateGifFrame(bytes: Uint8Array): GifFrame {
  const byte = (at: number): number => {
    const value = bytes[at]
    if (value === undefined) throw cutOff()
    return value
  }
  const u16 = (at: number): number => byte(at) | (byte(at + 1) << 8)
  const readPalette = (flags: number, at: number): Uint8Array | undefined => {
    if ((flags & 0x80) === 0) return undefined
    const end = at + 3 * 2 ** ((flags & 7) + 1)
    byte(end - 1)
    return bytes.subarray(at, end)
  }
  const globalPalette = readPalette(byte(10), 13)
  let transparent: number | undefined
  let at = 13 + (globalPalette?.length ?? 0)
  for (;;) {
    const block = byte(at)
    if (block === 0x21) {
      // An extension: only the graphic control's transparent index matters here.
      if (byte(at + 1) === 0xf9 && byte(at + 2) >= 4) transparent = byte(at + 3) & 1 ? byte(at + 6) : undefined
      at += 2
      while (byte(at) !== 0) at += byte(at) + 1
      at++
    } else if (block === 0x2c) {
      const [left, top, frameWidth, frameHeight] = [u16(at + 1), u16(at + 3), u16(at + 5), u16(at + 7)]
      const flags = byte(at + 9)
      const local = readPalette(flags, at + 10)
      return {
        width: Math.max(u16(6), left + frameWidth),
        height: Math.max(u16(8), top + frameHeight),
        left,
        top,
        frameWidth,
        frameHeight,
        interlaced: (flags & 0x40) !== 0,
        palette: local ?? globalPalette,
        transparent,
        dataStart: at + 10 + (local?.length ?? 0),
      }
    } else if (block === 0)
      at++ // stray terminators occur
    else throw cutOff()
  }
}

/** LZW with growing codes of up to 12 bits: exactly `length` palette indices. */
function decompress(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const codeSize = bytes[start] ?? 0
  if (codeSize < 1 || codeSize > 8) throw cutOff()
  const clear = 1 << codeSize
  const prefix = new Uint16Array(4096)
  const suffix = new Uint8Array(4096)
  const stack = new Uint8Array(4097)
  for (let i = 0; i < clear; i++) suffix[i] = i
  const out = new Uint8Array(length)
  let written = 0
  let bits = 0
  let bitCount = 0
  let width = codeSize + 1
  let next = clear + 2
  let previous = -1
  let firstIndex = 0
  let at = start + 1
  let blockEnd = at
  while (written < length) {
    while (bitCount < width) {
      if (at === blockEnd) {
        const size = bytes[at++] ?? 0
        blockEnd = at + size
        if (size === 0 || blockEnd > bytes.length) throw cutOff()
      }
      bits |= bytes[at++]! << bitCount
      bitCount += 8
    }
    let code = bits & ((1 << width) - 1)
    bits >>>= width
    bitCount -= width
    if (code === clear) {
      width = codeSize + 1
      next = clear + 2
      previous = -1
      continue
    }
    if (code === clear + 1 || code > next || (previous < 0 && code >= clear)) throw cutOff()
    const current = code
    let depth = 0
    if (code === next) {
      // The code being defined right now: the previous string and its own first index.
      stack[depth++] = firstIndex
      code = previous
    }
    while (code >= clear) {
      stack[depth++] = suffix[code]!
      code = prefix[code]!
    }
    firstIndex = suffix[code]!
    stack[depth++] = firstIndex
    while (depth > 0 && written < length) out[written++] = stack[--depth]!
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous
      suffix[next] = firstIndex
      if (++next === 1 << width && width < 12) width++
    }
    previous = current
  }
  return out
}

/** Row of the picture that the n-th stored row belongs to, in the four passes of an interlaced frame. */
function interlacedRows(height: number): Uint32Array {
  const rows = new Uint32Array(height)
  let n = 0
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let y = first; y < height; y += step) rows[n++] = y
  return rows
}

/**
 * Decodes the first frame as PIL does: transparent pixels keep their palette colour (alpha 0), and what the frame
 * does not cover is the transparent colour, or colour 0.
 * @throws ImageError when the data is broken or cut off.
 */
export function decodeGif(bytes: Uint8Array, frame: GifFrame = locateGifFrame(bytes)): Pixels {
  const { width, height, left, top, frameWidth, frameHeight, palette, transparent } = frame
  const indices = decompress(bytes, frame.dataStart, frameWidth * frameHeight)
  const colours = new Uint8Array(1024)
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) colours[i * 4 + c] = palette ? (palette[i * 3 + c] ?? 0) : i
    colours[i * 4 + 3] = i === transparent ? 0 : 255
  }
  const data = new Uint8Array(width * height * 4)
  const put = (pixel: number, index: number): void => {
    for (let c = 0; c < 4; c++) data[pixel * 4 + c] = colours[index * 4 + c]!
  }
  if (frameWidth < width || frameHeight < height) for (let i = 0; i < width * height; i++) put(i, transparent ?? 0)
  const rows = frame.interlaced ? interlacedRows(frameHeight) : undefined
  for (let n = 0; n < frameHeight; n++) {
    const start = (top + (rows ? rows[n]! : n)) * width + left
    for (let x = 0; x < frameWidth; x++) put(start + x, indices[n * frameWidth + x]!)
  }
  return { width, height, channels: 4, data }
}
