import type { ErrorMeasure } from '@viscpm/core/report'

/** What is measured, as it is sent to the thread that does. */
export interface ReportRequest {
  /** Converted folders; none: the source is converted to int8 and int4 in a temporary folder. */
  readonly folders: readonly string[]
  /** The checkpoint that they were made of. Default: found by the first folder's manifest; without folders the embedded model. */
  readonly source?: string
  /** Weights only. */
  readonly quick: boolean
  /** Questions that are asked, prompts that are painted. Default: as many as the size of the model lets be. */
  readonly questions?: number
  readonly paintings?: number
  readonly vocabulary?: string
  readonly config?: string
  readonly threads?: number
}

/** The object of `--json`: plain numbers; what could not be measured is absent, and `skipped` says why. */
export interface ReportCard {
  readonly format: 'viscpm-report-1'
  readonly kind: string
  readonly source: { readonly name: string; readonly bytes: number }
  readonly converted: readonly ConvertedCard[]
}

export interface ConvertedCard {
  readonly name: string
  readonly bytes: number
  /** As its manifest says; absent without one. */
  readonly options?: { readonly dtype: string; readonly blockSize: number; readonly rounding: string }
  /** The source's files have not the sizes that the manifest notes. */
  readonly sourceDiffers: boolean
  readonly weights: WeightsCard
  readonly layers?: LayersCard
  readonly logits?: LogitsCard
  readonly answers?: AnswersCard
  readonly paintings?: PaintingsCard
  readonly skipped: readonly { readonly part: SkippedPart; readonly reason: SkipReason }[]
}

export type SkippedPart = 'layers' | 'logits' | 'answers' | 'paintings'
/** quick: not wanted; memory: the source does not fit; kind: models of this kind do not do it; parts: a file is missing. */
export type SkipReason = 'quick' | 'memory' | 'kind' | 'parts'

/** Errors of some tensors together. */
export interface GroupCard extends ErrorMeasure {
  readonly name: string
  readonly formats: readonly string[]
  readonly bits: number
  readonly tensors: number
}

export interface WeightsCard {
  /** All that are stored in another way; absent where none is. */
  readonly all?: GroupCard
  readonly layers: readonly GroupCard[]
  readonly kinds: readonly GroupCard[]
  readonly tensors: readonly (ErrorMeasure & { readonly key: string; readonly format: string; readonly bits: number })[]
  readonly kept: number
  readonly dropped: number
}

/** What the language model's layers give, against the source's. */
export interface LayersCard {
  readonly prompts: number
  readonly tokens: number
  /** After each layer; of the last one after the last norm. */
  readonly layers: readonly ErrorMeasure[]
}

/** Distributions over the next token, at every token of the answers. */
export interface LogitsCard {
  /** Whose greedy answers were read: the source's, or the converted model's where the source does not fit into memory. */
  readonly answersOf: 'source' | 'converted'
  readonly prompts: number
  readonly tokens: number
  /** Kullback-Leibler divergence from the source, nats. */
  readonly kl: { readonly mean: number; readonly median: number; readonly p95: number; readonly largest: number }
  /** Share of the places where both hold the same token for the likeliest. */
  readonly top1: number
  /** Share of the answers in which all are: greedy decoding gives the same. */
  readonly sameAnswers: number
  readonly perplexity: { readonly source: number; readonly converted: number; readonly ratio: number }
  /** By place in the answer, from its first token on. */
  readonly places: readonly { readonly prompts: number; readonly kl: number; readonly largest: number }[]
}

/** Greedy answers of both, asked one after the other. */
export interface AnswersCard {
  readonly asked: number
  readonly same: number
  /** Mean of 1 - edit distance / length, in tokens. */
  readonly similarity: number
  /** Mean share of the source's answer, from its beginning, that the other repeats. */
  readonly commonStart: number
  /** Answers that are, to the letter, what the test set expects. */
  readonly expected: { readonly source: number; readonly converted: number }
  /** Those that are not the same. */
  readonly different: readonly { readonly question: string; readonly source: string; readonly converted: string }[]
}

/** Pictures of the same prompts and seeds. */
export interface PaintingsCard {
  readonly pictures: number
  /** 1 - cosine of what the embedded Chinese-CLIP's picture tower sees, mean over places, layers and pictures. */
  readonly distance: number
  /** The same between two seeds of one prompt, both painted by the source: how far apart different pictures are. */
  readonly otherSeeds: number
  /** Peak signal to noise of all pictures together, dB; null for equal ones. */
  readonly psnr: number | null
  readonly each: readonly {
    readonly prompt: string
    readonly seed: number
    readonly distance: number
    readonly psnr: number | null
  }[]
}
