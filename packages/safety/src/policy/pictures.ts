import type { Image } from '@viscpm/core'

/** A picture of the same size without any of its content. */
export function blackened({ width, height }: Image): Image {
  return { width, height, data: new Uint8Array(width * height * 3) }
}

/** Boxes along the longer side after blurring: too few for anything to be recognised. */
const boxes = 6

/**
 * A picture of the same size in which only broad colours are left: means of a grid of at most 6 x 6 boxes, joined
 * smoothly. Nothing finer can be brought back, as it is not there.
 */
export function blurred(image: Image): Image {
  const { width, height } = image
  const side = Math.max(width, height)
  const columns = Math.max(1, Math.round((boxes * width) / side))
  const rows = Math.max(1, Math.round((boxes * height) / side))
  const means = boxMeans(image, columns, rows)
  const data = new Uint8Array(width * height * 3)
  const across = Array.from({ length: width }, (_, x) => between(x, width, columns))
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = between(y, height, rows)
    for (let x = 0; x < width; x++) {
      const [left, right, along] = across[x]!
      for (let c = 0; c < 3; c++) {
        const mean = (row: number, column: number) => means[(row * columns + column) * 3 + c]!
        const upper = mean(top, left) * (1 - along) + mean(top, right) * along
        const lower = mean(bottom, left) * (1 - along) + mean(bottom, right) * along
        data[(y * width + x) * 3 + c] = Math.round(upper * (1 - down) + lower * down)
      }
    }
  }
  return { width, height, data }
}

/** Means of the boxes' pixels, [rows, columns, 3]. A box narrower than a pixel takes the pixel that it lies in. */
function boxMeans({ width, height, data }: Image, columns: number, rows: number): Float64Array {
  const means = new Float64Array(rows * columns * 3)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [y0, y1] = span(row, rows, height)
      const [x0, x1] = span(column, columns, width)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += data[(y * width + x) * 3 + c]!
        means[(row * columns + column) * 3 + c] = sum / ((y1 - y0) * (x1 - x0))
      }
    }
  return means
}

function span(box: number, count: number, size: number): readonly [from: number, to: number] {
  const from = Math.floor((box * size) / count)
  return [from, Math.max(from + 1, Math.floor(((box + 1) * size) / count))]
}

/** The boxes on both sides of a pixel, by their centres, and how far it is from the first to the second. */
function between(pixel: number, size: number, count: number): readonly [first: number, second: number, share: number] {
  const at = Math.min(count - 1, Math.max(0, ((pixel + 0.5) * count) / size - 0.5))
  const first = Math.floor(at)
  return [first, Math.min(count - 1, first + 1), at - first]
}
