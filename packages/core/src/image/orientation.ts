import type { Image } from './types.js'

// Where the output pixel (x, y) comes from, per EXIF orientation: [swap axes, mirror columns, mirror rows] of the input.
const sources: Record<number, readonly [swap: boolean, mirrorX: boolean, mirrorY: boolean]> = {
  2: [false, true, false],
  3: [false, true, true],
  4: [false, false, true],
  5: [true, false, false],
  6: [true, false, true],
  7: [true, true, true],
  8: [true, true, false],
}

/**
 * Turns and mirrors a picture upright. `orientation` is EXIF's 1..8; 1 and unknown values leave it as it is.
 * Source: Exif 2.32, tag 0x0112; PIL's ImageOps.exif_transpose.
 */
export function orient(image: Image, orientation: number): Image {
  const source = sources[orientation]
  if (!source) return image
  const [swap, mirrorX, mirrorY] = source
  const width = swap ? image.height : image.width
  const height = swap ? image.width : image.height
  const out = new Uint8Array(image.data.length)
  let o = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const column = swap ? y : x
      const row = swap ? x : y
      const sx = mirrorX ? image.width - 1 - column : column
      const sy = mirrorY ? image.height - 1 - row : row
      let p = (sy * image.width + sx) * 3
      out[o++] = image.data[p++]!
      out[o++] = image.data[p++]!
      out[o++] = image.data[p]!
    }
  return { width, height, data: out }
}
