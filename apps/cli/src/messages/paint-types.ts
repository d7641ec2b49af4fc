/** Options of the commands that paint, replay and rank; `help.options` describes them. */
export type PaintOption =
  | 'painterConfig'
  | 'unetConfig'
  | 'schedulerConfig'
  | 'vae'
  | 'ranker'
  | 'noRanker'
  | 'rankBy'
  | 'critic'
  | 'languageModel'
  | 'memory'
  | 'negative'
  | 'count'
  | 'candidates'
  | 'keep'
  | 'paintSeed'
  | 'latents'
  | 'steps'
  | 'guidance'
  | 'guidanceInterval'
  | 'skipUnguided'
  | 'size'
  | 'width'
  | 'height'
  | 'scheduler'
  | 'karras'
  | 'fromImage'
  | 'mask'
  | 'strength'
  | 'batchSize'
  | 'preset'
  | 'deepCache'
  | 'tokenMerging'
  | 'paintRaw'
  | 'paintOutput'
  | 'paintJson'
  | 'noPreview'
  | 'replayOutput'
  | 'replayJson'
  | 'replayImage'
  | 'replayMask'
  | 'rankModel'
  | 'rankJson'

export interface PaintMessages {
  readonly painting: string
  painted(seconds: string): string
  /** By the library's names. */
  readonly phases: Readonly<Record<string, string>>
  readonly noPainter: string
  readonly noPainterHint: string
  readonly isFolder: string
  readonly isFolderHint: string
  notPng(file: string): string
  readonly notPngHint: string
  readonly diskFullHint: string
  needsImage(option: string): string
  noKarras(scheduler: string): string
  seed(seed: string): string
  chosenBy(ranker: string, candidates: number): string
  took(seconds: string): string
  withheld(count: number, all: number): string
  noneAllowed(count: number, all: number): string
  /** Where the policy lets a withheld one be chosen. */
  chosenWithheld(count: number, all: number): string
  /** Painted anew in place of one that was blocked. */
  replaced(count: number): string
  /** Not allowed by a checker, and shown all the same. */
  tagged(count: number, all: number): string
}

export interface ReplayMessages {
  readonly same: string
  readonly differs: string
  sizes(recorded: string, painted: string): string
  pixels(differing: number, all: number, percent: string): string
  levels(largest: number, mean: string): string
  needsImage(option: string): string
  hadNone(option: string): string
  readonly noiseUnknown: string
  readonly noiseUnknownHint: string
  impossible(why: string): string
}

export interface RankMessages {
  readonly scoring: string
  readonly emptyPrompt: string
  readonly names: Readonly<Record<'zh' | 'en', string>>
  otherLanguage(ranker: string, reads: string, prompt: string): string
}
