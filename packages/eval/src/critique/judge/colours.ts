/** Colours of the embedded world. */
export type ColourName =
  | 'red'
  | 'orange'
  | 'yellow'
  | 'green'
  | 'blue'
  | 'purple'
  | 'pink'
  | 'brown'
  | 'black'
  | 'white'
  | 'grey'

export const colourNames: readonly ColourName[] = [
  ...(['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown', 'black', 'white', 'grey'] as const),
]

/** Backgrounds as they are painted, in the order of `colourNames`; then the pale blue of pictures that ask for none. */
const grounds = [
  ...[[214, 40, 46] as const, [244, 138, 30] as const, [250, 214, 50] as const, [62, 164, 70] as const],
  ...[[50, 112, 216] as const, [138, 70, 180] as const, [246, 150, 190] as const, [128, 80, 46] as const],
  ...[[30, 30, 32] as const, [250, 250, 250] as const, [144, 144, 148] as const, [218, 230, 243] as const],
]

type Rgb = readonly [red: number, green: number, blue: number]

/** The background nearest to an sRGB colour in 0..255; undefined for the one that nobody asks for. */
export function groundName([r, g, b]: Rgb): ColourName | undefined {
  const distances = grounds.map(([x, y, z]) => (x - r) ** 2 + (y - g) ** 2 + (z - b) ** 2)
  return colourNames[distances.indexOf(Math.min(...distances))]
}

/** What a pixel in 0..255 is called; undefined where its name would be arguable. Source: tools/train-tiny/colours.py. */
export function pixelName(rgb: Rgb): ColourName | undefined {
  const [r, g, b] = [rgb[0] / 255, rgb[1] / 255, rgb[2] / 255]
  const v = Math.max(r, g, b)
  const c = Math.max(v - Math.min(r, g, b), 1e-6)
  const s = c / Math.max(v, 1e-6)
  const turn = v === r ? (g - b) / c : v === g ? (b - r) / c + 2 : (r - g) / c + 4
  const h = ((turn + 6) % 6) * 60
  if (v < 0.22) return 'black'
  if (s < 0.13) return v > 0.87 ? 'white' : v > 0.3 && v < 0.8 ? 'grey' : v <= 0.27 ? 'black' : undefined
  return s > 0.18 ? hueName(h, s, v) : undefined
}

function hueName(h: number, s: number, v: number): ColourName | undefined {
  if (h < 13 || h >= 343) return v > 0.75 && s < 0.55 ? 'pink' : s >= 0.6 && v > 0.45 ? 'red' : undefined
  if (h < 44) return v < 0.66 && s > 0.3 ? 'brown' : v > 0.8 && s > 0.6 && h > 17 && h < 40 ? 'orange' : undefined
  if (h < 66) return v > 0.75 && s > 0.35 ? 'yellow' : undefined
  if (h >= 72 && h < 165) return 'green'
  if (h >= 188 && h < 252) return 'blue'
  if (h >= 258 && h < 296) return 'purple'
  if (h >= 296) return v > 0.75 ? 'pink' : v <= 0.65 && h < 320 ? 'purple' : undefined
  return undefined
}
