import type { Image } from './types.js'

/** 8-bit grey (1), grey + alpha (2), RGB (3) or RGBA (4) pixels, alpha not multiplied in. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly data: Uint8Array
}

/** The RGB picture of any pixels: alpha is dropped (stored colours kept), or white shines through it. */
export function toRGB(pixels: Pixels, alpha: 'drop' | 'white'): Image {
  const { width, height, channels, data } = pixels
  if (channels === 3) return { width, height, data }
  const colour = channels === 4
  const hasAlpha = channels === 2 || channels === 4
  const out = new Uint8Array(width * height * 3)
  for (let i = 0, p = 0; i < out.length; i += 3, p += channels) {
    const a = hasAlpha && alpha === 'white' ? data[p + channels - 1]! : 255
    for (let c = 0; c < 3; c++) {
      const value = data[colour ? p + c : p]!
      out[i + c] = a === 255 ? value : Math.round((value * a) / 255 + 255 - a)
    }
  }
  return { width, height, data: out }
}
