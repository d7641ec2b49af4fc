import { type Image, InvalidArgumentError } from '@viscpm/core'
import { resize } from '@viscpm/core/image'

/** A drawing at one width: colours over black and how much they cover, both 0..1, [width, width, 3] and [width, width]. */
export interface Drawing {
  readonly width: number
  readonly colour: Float32Array
  readonly cover: Float32Array
}

/** Where the drawings of `sheet` stand: cells from left to right, then down; colours in the upper half, cover in the lower. */
export interface DrawingSheet {
  readonly sheet: Image
  readonly cell: number
  readonly columns: number
  /** In the sheet's order. */
  readonly names: readonly string[]
}

/** Every drawing at one width. @throws InvalidArgumentError when the sheet is too small for its names */
export function drawingsAt({ sheet, cell, columns, names }: DrawingSheet, width: number): Drawing[] {
  const half = sheet.height / 2
  if (sheet.width < columns * cell || half < Math.ceil(names.length / columns) * cell)
    throw new InvalidArgumentError({
      argument: 'sheet',
      message: `${sheet.width} x ${sheet.height} pixels do not hold ${names.length} drawings of ${cell}`,
    })
  return names.map((_, k) => {
    const [left, top] = [(k % columns) * cell, Math.floor(k / columns) * cell]
    const colour = scaled(cut(sheet, left, top, cell), width)
    const cover = scaled(cut(sheet, left, half + top, cell), width)
    return { width, colour, cover: cover.filter((_value, i) => i % 3 === 0) }
  })
}

function scaled(image: Image, width: number): Float32Array {
  return Float32Array.from(resize(image, width, width).data, value => value / 255)
}

/** A square of a picture. */
export function cut(image: Image, left: number, top: number, side: number): Image {
  const data = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * image.width + left) * 3
    data.set(image.data.subarray(from, from + side * 3), y * side * 3)
  }
  return { width: side, height: side, data }
}
