import { InvalidArgumentError } from '../errors.js'
import { bicubic, bicubicSupport } from './bicubic.js'
import { checkImage } from './check.js'
import type { Image } from './types.js'

export interface ResizeOptions {
  /** Default and only one: PIL's bicubic, the filter of upstream's transform. */
  readonly filter?: 'bicubic'
  /**
   * Which pass comes first, as each is rounded to 8 bits. 'pillow-13' (default): vertical where that saves more than
   * twice as many rows as the other saves columns, as Pillow 13 and later; 'horizontal' always, as older ones.
   */
  readonly passOrder?: 'pillow-13' | 'horizontal'
}

// Pillow keeps 8-bit weights in 32 bits: 8 for the pixel, 2 for the sign and overshoot, the rest for the fraction.
const precisionBits = 32 - 8 - 2
const half = 1 << (precisionBits - 1)

/** For each output position: its first input position, how many it reads, and their fixed-point weights. */
interface Taps {
  readonly first: Int32Array
  readonly count: Int32Array
  /** [size, width] */
  readonly weights: Int32Array
  readonly width: number
}

function taps(inputSize: number, outputSize: number): Taps {
  const scale = inputSize / outputSize
  const stretch = Math.max(scale, 1) // shrinking widens the kernel: that is the antialiasing
  const support = bicubicSupport * stretch
  const width = Math.ceil(support) * 2 + 1
  const first = new Int32Array(outputSize)
  const count = new Int32Array(outputSize)
  const weights = new Int32Array(outputSize * width)
  const row = new Float64Array(width)
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const n = Math.min(inputSize, Math.trunc(centre + support + 0.5)) - start
    let sum = 0
    for (let k = 0; k < n; k++) sum += row[k] = bicubic((k + start - centre + 0.5) * (1 / stretch))
    for (let k = 0; k < n; k++) {
      const weight = (sum === 0 ? row[k]! : row[k]! / sum) * (1 << precisionBits)
      weights[i * width + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)
    }
    first[i] = start
    count[i] = n
  }
  return { first, count, weights, width }
}

function clip8(sum: number): number {
  const value = sum >> precisionBits
  return value < 0 ? 0 : Math.min(value, 255)
}

/** One pass along rows: [height, width, 3] -> [height, outputWidth, 3]. */
function toWidth(image: Image, outputWidth: number): Image {
  const { data, width, height } = image
  if (width === outputWidth) return image
  const { first, count, weights, width: stride } = taps(width, outputWidth)
  const out = new Uint8Array(outputWidth * height * 3)
  let o = 0
  for (let y = 0; y < height; y++) {
    const rowStart = y * width * 3
    for (let x = 0; x < outputWidth; x++) {
      let r = half
      let g = half
      let b = half
      let p = rowStart + first[x]! * 3
      const end = x * stride + count[x]!
      for (let k = x * stride; k < end; k++) {
        const weight = weights[k]!
        r += data[p++]! * weight
        g += data[p++]! * weight
        b += data[p++]! * weight
      }
      out[o++] = clip8(r)
      out[o++] = clip8(g)
      out[o++] = clip8(b)
    }
  }
  return { width: outputWidth, height, data: out }
}

/** One pass along columns: [height, width, 3] -> [outputHeight, width, 3]. */
function toHeight(image: Image, outputHeight: number): Image {
  const { data, width, height } = image
  if (height === outputHeight) return image
  const { first, count, weights, width: stride } = taps(height, outputHeight)
  const rowLength = width * 3
  const out = new Uint8Array(rowLength * outputHeight)
  const sums = new Int32Array(rowLength)
  for (let y = 0; y < outputHeight; y++) {
    sums.fill(half)
    for (let k = 0; k < count[y]!; k++) {
      const weight = weights[y * stride + k]!
      let p = (first[y]! + k) * rowLength
      for (let x = 0; x < rowLength; x++) sums[x]! += data[p++]! * weight
    }
    const o = y * rowLength
    for (let x = 0; x < rowLength; x++) out[o + x] = clip8(sums[x]!)
  }
  return { width, height: outputHeight, data: out }
}

/**
 * Stretches a picture to `width` x `height` pixels, bit for bit as PIL's `Image.resize` does: antialiased when
 * shrinking, in two passes rounded to 8 bits in between. The picture itself is returned when it has that size.
 * Source: Pillow, ImagingResample for 8 bits per channel.
 * @throws InvalidArgumentError for a size that is not a positive whole number, or another filter.
 */
export function resize(image: Image, width: number, height: number, options: ResizeOptions = {}): Image {
  checkImage(image)
  const { filter = 'bicubic', passOrder = 'pillow-13' } = options
  if (filter !== 'bicubic')
    throw new InvalidArgumentError({ argument: 'filter', message: `'${filter}' is not supported, use 'bicubic'` })
  if (passOrder !== 'pillow-13' && passOrder !== 'horizontal')
    throw new InvalidArgumentError({
      argument: 'passOrder',
      message: `must be 'pillow-13' or 'horizontal', not '${passOrder}'`,
    })
  for (const [argument, value] of Object.entries({ width, height }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError({ argument, message: `must be a whole number of pixels above 0, not ${value}` })
  const rowsSaved = image.height - height
  if (passOrder === 'pillow-13' && rowsSaved > 0 && rowsSaved > 2 * (image.width - width))
    return toWidth(toHeight(image, height), width)
  return toHeight(toWidth(image, width), height)
}
