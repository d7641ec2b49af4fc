import type { Image } from '@viscpm/core'

/** A picture made smaller by averaging; never larger than it is. Rows are an even number: two make a line of text. */
function shrink(image: Image, columns: number, rows: number): { width: number; height: number; data: Uint8Array } {
  const scale = Math.min(1, columns / image.width, rows / image.height)
  const width = Math.max(1, Math.round(image.width * scale))
  const height = Math.max(2, Math.round((image.height * scale) / 2) * 2)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const [top, bottom] = span(y, height, image.height)
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, image.width)
      const sum = [0, 0, 0]
      for (let v = top; v < bottom; v++)
        for (let u = left; u < right; u++)
          for (let c = 0; c < 3; c++) sum[c]! += image.data[(v * image.width + u) * 3 + c]!
      const pixels = (bottom - top) * (right - left)
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = Math.round(sum[c]! / pixels)
    }
  }
  return { width, height, data }
}

/** Source pixels [first, last) of one target pixel; at least one. */
function span(i: number, target: number, source: number): [number, number] {
  const first = Math.min(source - 1, Math.floor((i * source) / target))
  return [first, Math.max(first + 1, Math.min(source, Math.floor(((i + 1) * source) / target)))]
}

/** Nearest colour of xterm's 6 x 6 x 6 cube and grey ramp. */
function palette256(r: number, g: number, b: number): number {
  if (Math.max(r, g, b) - Math.min(r, g, b) < 8) {
    const grey = Math.round(((r + g + b) / 3 - 8) / 10)
    return grey < 0 ? 16 : grey > 23 ? 231 : 232 + grey
  }
  const level = (v: number): number => (v < 48 ? 0 : v < 115 ? 1 : Math.floor((v - 35) / 40))
  return 16 + 36 * level(r) + 6 * level(g) + level(b)
}

/**
 * A picture as lines of text: every character is two pixels, the upper one its colour, the lower one its background.
 * @param columns at most this many characters a line
 * @param depth bits of colour: 24, or 8 for the 256-colour palette
 */
export function pictureLines(image: Image, columns: number, depth: number): string[] {
  const small = shrink(image, columns, columns)
  const color = (layer: 38 | 48, x: number, y: number): string => {
    const at = (y * small.width + x) * 3
    const [r, g, b] = [small.data[at]!, small.data[at + 1]!, small.data[at + 2]!]
    return depth >= 24 ? `\u001b[${layer};2;${r};${g};${b}m` : `\u001b[${layer};5;${palette256(r, g, b)}m`
  }
  const lines: string[] = []
  for (let y = 0; y < small.height; y += 2) {
    let line = ''
    for (let x = 0; x < small.width; x++) line += `${color(38, x, y)}${color(48, x, y + 1)}▀`
    lines.push(`${line}\u001b[0m`)
  }
  return lines
}
