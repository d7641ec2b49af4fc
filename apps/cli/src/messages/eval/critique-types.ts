/** Texts of `viscpm eval critique`. */
export interface CritiqueMessages {
  readonly about: string
  readonly options: {
    readonly output: string
    readonly among: string
    readonly prompts: string
    readonly kinds: string
    readonly candidates: string
    readonly seed: string
    readonly steps: string
    readonly threads: string
    readonly json: string
  }
  readonly running: string
  readonly phases: Readonly<Record<string, string>>
  readonly heading: (language: 'en' | 'zh' | 'both', prompts: number, decidable: number) => string
  readonly headingDifferent: (language: 'en' | 'zh' | 'both', prompts: number) => string
  readonly columns: {
    readonly chooser: string
    readonly right: string
    readonly gain: string
    readonly over: string
    readonly ms: string
  }
  readonly choosers: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<'same-prompt' | 'different-prompts', string>>
  readonly tooFew: string
  readonly kept: (file: string) => string
}
