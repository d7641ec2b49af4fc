import type { Image } from '@viscpm/core'
import type { Drawing } from './drawings.js'

/** A drawing laid over a picture. */
export interface Placed {
  readonly drawing: Drawing
  /** Of its upper left corner. */
  readonly x: number
  readonly y: number
  /** Squared error of 0..1 values against the bare ground's: negative where the drawing explains something; lower is better. */
  readonly left: number
}

/** Pixels that a drawing may lie beside its usual place. */
const room = 1
const light = [0.3, 0.59, 0.11] as const

/**
 * The place around the middle line (`middle`, in pixels from the left) where a drawing explains the picture best. Explained is
 * a pixel as ground * (1 - cover) + cover * colour, where the colours are the drawing's own, or a line through its light and
 * dark with any two ends, as tinted drawings are: the better one counts. Pixels of the other half do not count where there are two.
 */
export function bestPlace(image: Image, drawing: Drawing, ground: readonly number[], middle: number): Placed {
  const { width } = drawing
  const alone = middle === image.width / 2
  const [from, to] = alone
    ? [0, image.width]
    : middle < image.width / 2
      ? [0, image.width / 2]
      : [image.width / 2, image.width]
  const [x0, y0] = [Math.round(middle - width / 2), Math.round((image.height - width) / 2)]
  const reach = alone ? room : room + 1
  let best: Placed | undefined
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -room; dx <= room; dx++) {
      const at = { drawing, x: x0 + dx, y: y0 + dy }
      const left = unexplained(image, at, ground, from, to)
      if (!best || left < best.left) best = { ...at, left }
    }
  return best!
}

function unexplained(
  image: Image,
  { drawing: { width, colour, cover }, x, y }: Omit<Placed, 'left'>,
  ground: readonly number[],
  from: number,
  to: number,
): number {
  // Of each channel: sums for the least squares of (pixel - ground) on cover and cover * light. What no drawing covers adds the
  // same to all, and is left out.
  const withCover = [0, 0, 0]
  const withLight = [0, 0, 0]
  let [cc, cl, ll, bare, own] = [0, 0, 0, 0, 0]
  const [top, bottom] = [Math.max(0, -y), Math.min(width, image.height - y)]
  const [start, end] = [Math.max(0, from - x), Math.min(width, to - x)]
  for (let j = top; j < bottom; j++)
    for (let i = start; i < end; i++) {
      const k = j * width + i
      const a = cover[k]!
      if (a === 0) continue
      const shade = light[0] * colour[k * 3]! + light[1] * colour[k * 3 + 1]! + light[2] * colour[k * 3 + 2]!
      cc += a * a
      cl += a * shade
      ll += shade * shade
      for (let c = 0; c < 3; c++) {
        const behind = ground[c]! / 255
        const d = image.data[((y + j) * image.width + x + i) * 3 + c]! / 255 - behind
        const e = d - colour[k * 3 + c]! + a * behind
        bare += d * d
        own += e * e
        withCover[c]! += d * a
        withLight[c]! += d * shade
      }
    }
  const det = cc * ll - cl * cl
  let explained = 0
  for (let c = 0; c < 3; c++) {
    const [p, q] = [withCover[c]!, withLight[c]!]
    explained += det > 1e-6 * cc * ll ? (p * p * ll - 2 * p * q * cl + q * q * cc) / det : cc > 0 ? (p * p) / cc : 0
  }
  return Math.min(own - bare, -explained)
}
