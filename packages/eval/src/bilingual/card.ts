import type { AnswersCard } from './answers.js'
import type { LayersCard } from './layers.js'
import type { DistancesCard } from './pictures.js'
import type { VerdictsCard } from './verdicts.js'

/** What is measured. */
export type BilingualPart = 'pictures' | 'answers' | 'verdicts' | 'layers'

/** In the order in which they are measured. */
export const bilingualParts: readonly BilingualPart[] = ['pictures', 'answers', 'verdicts', 'layers']

/** Distances of pictures: of their pixels, of a picture tower's embeddings, and of its states at every place and layer. */
export interface PicturesCard {
  readonly pairs: number
  /** Pairs of which a checker withheld a picture. */
  readonly withheld: readonly string[]
  readonly pixels: DistancesCard
  /** Pixels as peak signal to noise, decibels: of the languages, other seeds and other prompts. Null for equal pictures. */
  readonly psnr: Readonly<Record<'languages' | 'otherSeed' | 'otherPrompt', number | null>>
  readonly embedding: DistancesCard
  readonly features: DistancesCard
}

/** Layers of one language model, with both ways to make one vector of a text. */
export interface ModelLayersCard {
  readonly model: string
  readonly mean: LayersCard
  /** From layer 1 on: an embedding knows nothing of the tokens before it. */
  readonly last: LayersCard
}

/** Everything that was measured, as `--json` writes it; NaN becomes null. */
export interface BilingualCard {
  readonly format: 'viscpm-bilingual-1'
  /** What the figures hold for: models, files, seeds, hashes. Plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly pictures?: PicturesCard
  readonly answers?: AnswersCard
  /** By what was checked; absent where no checker reads it. */
  readonly verdicts?: { readonly texts: VerdictsCard; readonly pictures?: VerdictsCard }
  readonly layers?: readonly ModelLayersCard[]
}
