import { type Image, InvalidArgumentError } from '@viscpm/core'
import { resize } from '@viscpm/core/image'
import { type ColourName, groundName, pixelName } from './colours.js'
import { type DrawingSheet, drawingsAt } from './drawings.js'
import { bestPlace, type Placed } from './match.js'

/** What a prompt of the embedded world asks for. */
export interface WantedScene {
  /** From left to right: one in the middle, or two side by side. */
  readonly things: readonly { readonly name: string; readonly colour?: ColourName }[]
  /** Absent: any. */
  readonly background?: ColourName
}

export interface Judgement {
  /** Each thing is the likeliest of all drawings, in its half. */
  readonly thing: boolean
  /** Each thing is among the likeliest five. */
  readonly top5: boolean
  /** Absent where no colour was asked for. */
  readonly colour?: boolean
  readonly background?: boolean
  /** All that was asked for. */
  readonly right: boolean
}

/** Side that pictures are looked at. */
const side = 32
/** Widths of a drawing alone and of one of two, in pixels of `side`: 48 and 52, 28 and 30 of 64. */
const widths = { alone: [24, 26], paired: [14, 15] } as const

/**
 * Judges pictures of the embedded world by the drawings that it is made of. Every drawing is laid over the picture in every
 * place where one may stand, in its own colours and tinted anew, and what it leaves unexplained is measured; the thing is the
 * drawing that leaves least. Colours are named pixel by pixel. No model takes part, so that none can be favoured.
 */
export class DrawingJudge {
  readonly #alone
  readonly #paired

  constructor(private readonly sheet: DrawingSheet) {
    this.#alone = widths.alone.map(width => drawingsAt(sheet, width))
    this.#paired = widths.paired.map(width => drawingsAt(sheet, width))
  }

  /** @throws InvalidArgumentError for a thing that has no drawing */
  judge(image: Image, { things, background }: WantedScene): Judgement {
    const small = resize(image, side, side)
    const ground = border(small)
    const seen = things.map(({ name, colour }, i) => {
      const wanted = this.sheet.names.indexOf(name)
      if (wanted < 0)
        throw new InvalidArgumentError({ argument: 'things', message: `there is no drawing of '${name}'` })
      const middle = things.length === 1 ? side / 2 : (side / 4) * (1 + 2 * i)
      const sets = things.length === 1 ? this.#alone : this.#paired
      const places = this.sheet.names.map((_, k) =>
        sets.map(set => bestPlace(small, set[k]!, ground, middle)).reduce((a, b) => (b.left < a.left ? b : a)),
      )
      const better = places.filter(place => place.left < places[wanted]!.left).length
      return { better, right: colour === undefined || dominant(small, places[wanted]!) === colour }
    })
    const coloured = things.some(({ colour }) => colour !== undefined)
    const thing = seen.every(({ better }) => better === 0)
    const colour = seen.every(({ right }) => right)
    const ground_ = background === undefined || groundName(ground) === background
    return {
      thing,
      top5: seen.every(({ better }) => better < 5),
      ...(coloured && { colour }),
      ...(background !== undefined && { background: ground_ }),
      right: thing && colour && ground_,
    }
  }
}

/** The median colour of a picture's edge. */
function border({ width, height, data }: Image): [number, number, number] {
  const edge: number[] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) edge.push(y * width + x)
  const median = (channel: number) =>
    edge.map(pixel => data[pixel * 3 + channel]!).sort((a, b) => a - b)[Math.floor(edge.length / 2)]!
  return [median(0), median(1), median(2)]
}

/** The name that most pixels have where a drawing covers the picture. */
function dominant(image: Image, { x, y, drawing: { width, cover } }: Placed): ColourName | undefined {
  const counts = new Map<ColourName, number>()
  for (let j = 0; j < width; j++)
    for (let i = 0; i < width; i++) {
      if (cover[j * width + i]! <= 0.6) continue
      const [col, row] = [x + i, y + j]
      if (col < 0 || row < 0 || col >= image.width || row >= image.height) continue
      const at = (row * image.width + col) * 3
      const name = pixelName([image.data[at]!, image.data[at + 1]!, image.data[at + 2]!])
      if (name) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}
