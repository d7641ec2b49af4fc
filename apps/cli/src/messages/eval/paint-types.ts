/** Options of `eval paint` that it does not share with `paint`. */
export type EvalPaintOption =
  | 'real'
  | 'painted'
  | 'inception'
  | 'inceptionDim'
  | 'resize'
  | 'clip'
  | 'resamples'
  | 'subsets'
  | 'subsetSize'
  | 'extrapolate'
  | 'saveStats'
  | 'saveReal'
  | 'prompts'
  | 'language'
  | 'limit'
  | 'output'
  | 'seed'
  | 'guidance'
  | 'candidates'
  | 'shard'
  | 'queue'
  | 'json'

/** Texts of `viscpm eval paint`. */
export interface EvalPaintMessages {
  readonly about: string
  readonly options: Readonly<Record<EvalPaintOption, string>>
  readonly examples: string
  readonly shardHint: string
  readonly realNeeded: string
  readonly realNeededHint: string
  readonly painting: (folder: string) => string
  readonly painted: (painted: number, found: number, seconds: string) => string
  readonly damaged: (count: number) => string
  readonly shardDone: (part: number, of: number, missing: number) => string
  readonly jobFailed: (message: string) => string
  readonly jobFailedHint: string
  readonly measuring: string
  readonly measured: (seconds: string) => string
  readonly phases: Readonly<Record<'paintings' | 'features' | 'resamples' | 'subsets', string>>
  readonly columns: Readonly<
    Record<
      'language' | 'guidance' | 'pictures' | 'withheld' | 'distance' | 'extrapolated' | 'kernel' | 'clip' | 'model',
      string
    >
  >
  /** Guidance that the model has by itself. */
  readonly ownGuidance: string
  readonly published: string
  readonly notes: {
    readonly fid: (name: string) => string
    readonly clipDistance: (name: string, dim: number) => string
    readonly real: (where: string, pictures: number | undefined) => string
    readonly bias: (pictures: number) => string
    readonly singular: (pictures: number, dim: number) => string
    readonly noInterval: string
    readonly jpeg: (count: number) => string
  }
}
