import type { Image } from '@viscpm/core'
import { resize } from '@viscpm/core/image'
import { digitHeight, digitPixels } from './digits.js'

/** Longest side of a sheet in pixels, for which its pictures are made smaller. */
const longestSide = 4096
const gap = 8
/** Of the numbers' pixels. */
const dot = 2
const labelHeight = digitHeight * dot + 4
const paper = [255, 255, 255] as const
const ink = [96, 96, 96] as const
const chosenInk = [0, 150, 60] as const

export interface SheetPicture {
  readonly image: Image
  readonly chosen: boolean
}

export interface SheetOptions {
  /** Pictures in a row. */
  readonly columns: number
  /** Numbers above the pictures, frames around those that were chosen. Default true. */
  readonly labels?: boolean
}

/** All pictures (of one size) on one, in rows; each has its number above it, from 1, and the chosen ones a frame. */
export function contactSheet(pictures: readonly SheetPicture[], { columns, labels = true }: SheetOptions): Image {
  const rows = Math.ceil(pictures.length / columns)
  const margin = labels ? gap : 0
  const above = labels ? labelHeight : 0
  const { width: fullWidth, height: fullHeight } = pictures[0]!.image
  const room = (side: number, count: number, extra: number) => (longestSide / count - extra) / side
  const scale = Math.min(1, room(fullWidth, columns, margin), room(fullHeight, rows, margin + above))
  const [width, height] = [fullWidth, fullHeight].map(side => Math.max(1, Math.floor(side * scale))) as [number, number]
  const sheet = blank(columns * (width + margin) + margin, rows * (height + margin + above) + margin)
  pictures.forEach(({ image, chosen }, i) => {
    const x = margin + (i % columns) * (width + margin)
    const y = margin + above + Math.floor(i / columns) * (height + margin + above)
    const color = chosen ? chosenInk : ink
    if (labels) {
      if (chosen) fill(sheet, x - 4, y - 4, width + 8, height + 8, color)
      for (const [u, v] of digitPixels(i + 1)) fill(sheet, x + u * dot, y - above + v * dot, dot, dot, color)
    }
    paste(sheet, resize(image, width, height), x, y)
  })
  return sheet
}

function blank(width: number, height: number): Image {
  return { width, height, data: new Uint8Array(width * height * 3).fill(paper[0]) }
}

type Color = readonly [red: number, green: number, blue: number]

function fill({ width: stride, data }: Image, x: number, y: number, width: number, height: number, color: Color): void {
  for (let v = y; v < y + height; v++) for (let u = x; u < x + width; u++) data.set(color, (v * stride + u) * 3)
}

function paste({ width: stride, data }: Image, image: Image, x: number, y: number): void {
  const row = image.width * 3
  for (let v = 0; v < image.height; v++)
    data.set(image.data.subarray(v * row, (v + 1) * row), ((y + v) * stride + x) * 3)
}
