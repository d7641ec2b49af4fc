import { coefficients } from './coefficients.js'
import { type PaintFacts, type PartFacts, type PictureFacts, parametersOf } from './facts.js'
import {
  languageBytes,
  loadSeconds,
  mappedBytes,
  passBytes,
  passSeconds,
  publishedLayer,
  residentBytes,
  streamedCost,
} from './language.js'
import type { Machine } from './machine.js'
import { type Cost, costOf, type StageCost } from './types.js'

const { memory, seconds, share, operations } = coefficients

/** How a painter is kept in memory. */
export interface PaintMode {
  readonly keepHalf: boolean
  /** 'low': the language model is read layer by layer for each prompt, UNet and VAE are loaded for their turns. */
  readonly memory: 'normal' | 'low'
  /** Latent pixels of a tile's side, where pictures are decoded in tiles. */
  readonly vaeTile?: number
}

/** What is painted. */
export interface Painting {
  readonly width: number
  readonly height: number
  readonly steps: number
  /** Pictures that go through the UNet together. */
  readonly batch: number
  /** Tokens of prompt and negative prompt together, padding included. */
  readonly tokens: number
  /** Pixels of a latent one, each way. Default 8, Stable Diffusion's. */
  readonly scale?: number
}

/** The original's: 512 x 512, 50 steps; one picture at a time. */
export const ordinaryPainting: Painting = { width: 512, height: 512, steps: 50, batch: 1, tokens: 64 }

/** What a painter takes. */
export function paintCost(
  { language, unet, vae, vaeEncoder, ranker }: PaintFacts,
  { keepHalf, memory: how, vaeTile = Number.POSITIVE_INFINITY }: PaintMode,
  machine: Machine,
  painting: Painting = ordinaryPainting,
): Cost {
  const latent = (painting.width * painting.height) / (painting.scale ?? 8) ** 2
  const rows = 2 * painting.batch
  const program = memory.program + (ranker ? residentBytes(ranker, false) : 0)
  const inTurns = how === 'low'
  const streamed = streamedCost(language, painting.tokens, machine)
  const llm = languageBytes(language, keepHalf)
  const text = inTurns
    ? { memory: streamed.memory, seconds: streamed.seconds, kept: 0, load: 0, mapped: language.layer.bytes }
    : {
        memory: llm.resident + passBytes(language.layer, publishedLayer),
        seconds: passSeconds(language, painting.tokens, keepHalf, machine),
        kept: llm.resident,
        load: loadSeconds(language, keepHalf, machine),
        mapped: mappedBytes(language, keepHalf),
      }
  const net = { kept: residentBytes(unet, keepHalf), load: loadSeconds(unet, keepHalf, machine) }
  const decoder = { kept: convolutionBytes(vae, keepHalf), load: loadSeconds(vae, keepHalf, machine) }
  const all = text.kept + net.kept + decoder.kept + convolutionBytes(vaeEncoder, keepHalf)
  // In turns, what comes before is gone; else all of it is there all the time.
  const others = (own: number) => (inTurns ? 0 : all - own)
  const again = (load: number) => (inTurns ? load : 0)
  const step = unetSeconds(unet, latent, rows, machine)
  const decoding = (operations.vae * parametersOf(vae) * latent) / (share.vae * machine.float32)
  const tile = Math.min(latent, vaeTile ** 2)
  const tiles = latent > tile ? memory.tiles : 1
  const mapped = inTurns ? 0 : mappedBytes(language, keepHalf)
  const stages: StageCost[] = [
    {
      stage: 'load',
      memory: program + (inTurns ? 0 : all + llm.loading),
      mapped,
      seconds: seconds.start + (inTurns ? 0 : text.load + net.load + decoder.load),
    },
    { stage: 'text', memory: program + text.memory + others(text.kept), mapped: text.mapped, seconds: text.seconds },
    {
      stage: 'denoise',
      memory: program + net.kept + memory.unet * latent * rows * unet.width + others(net.kept),
      mapped,
      seconds: painting.steps * step + again(net.load),
    },
    {
      stage: 'decode',
      memory: program + decoder.kept + memory.vae * tile * vae.width + others(decoder.kept),
      mapped,
      seconds: painting.batch * tiles * decoding + again(decoder.load),
    },
  ]
  const [, ...painted] = stages
  const picture = painted.reduce((sum, s) => sum + s.seconds, 0) / painting.batch
  return { ...costOf(stages), secondsPerPicture: picture }
}

/** Seconds of one pass of the UNet with `rows` rows of `latent` pixels. */
export function unetSeconds(unet: PictureFacts, latent: number, rows: number, machine: Machine): number {
  const weights = parametersOf(unet)
  const products = rows * latent * operations.unet * weights
  const attention = rows * latent ** 2 * operations.unetAttention * unet.width
  if (unet.int8 > weights / 2)
    return products / (share.int8Unet * machine.int8) + attention / (share.attention * machine.float32)
  return (products + attention) / machine.float32
}

/** Small models' convolutions are reordered when they are loaded, and stay beside what is mapped. */
function convolutionBytes(vae: PartFacts, keepHalf: boolean): number {
  const bytes = residentBytes(vae, keepHalf)
  return bytes < 2 ** 30 ? memory.reordered * bytes : bytes
}

/** The ways a painter can be kept, exact ones first. */
export function paintModes({ language, unet }: PaintFacts): PaintMode[] {
  const halves = language.half + unet.half > 0 ? [false, true] : [false]
  const ways: readonly Omit<PaintMode, 'keepHalf'>[] = [
    { memory: 'normal' },
    { memory: 'low' },
    { memory: 'low', vaeTile: 32 },
  ]
  return ways.flatMap(way => halves.map(keepHalf => ({ keepHalf, ...way })))
}
