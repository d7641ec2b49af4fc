/** Options of `report`; `help.options` describes them. */
export type ReportOption =
  | 'reportOutput'
  | 'reportSource'
  | 'reportQuick'
  | 'reportQuestions'
  | 'reportPaintings'
  | 'reportJson'

export interface ReportMessages {
  measuring(source: string): string
  measured(seconds: string): string
  /** By the names of `measureCard`. */
  readonly phases: Readonly<Record<string, string>>
  title(source: string): string
  written(file: string): string
  sourceDiffers(name: string): string
  readonly parts: Readonly<Record<'layers' | 'logits' | 'answers' | 'paintings', string>>
  skipped(part: string, reason: string): string
  readonly reasons: Readonly<Record<'quick' | 'memory' | 'parts', string>>
  /** Rows of the summary. */
  readonly rows: {
    readonly original: string
    readonly size: string
    readonly bits: string
    readonly weightError: string
    readonly largestWeight: string
    readonly cosine: string
    readonly lastLayer: string
    readonly kl: string
    readonly kl95: string
    readonly top1: string
    readonly sameGreedy: string
    readonly perplexity: string
    readonly same: string
    readonly similarity: string
    readonly expected: string
    readonly distance: string
    readonly psnr: string
  }
  /** What rows say, in a sentence each. */
  readonly notes: {
    readonly weights: string
    layers(prompts: number, tokens: number): string
    logits(tokens: number): string
    readonly answersOfConverted: string
    answers(asked: number): string
    paintings(pictures: number): string
  }
  readonly otherSeeds: string
  readonly worst: string
  readonly columns: {
    readonly name: string
    readonly format: string
    readonly tensors: string
    readonly bits: string
    readonly relative: string
    readonly largest: string
    readonly cosine: string
    readonly question: string
    readonly original: string
    readonly prompt: string
    readonly seed: string
  }
  readonly kinds: string
  readonly tensors: string
  readonly different: string
  more(count: number): string
  readonly charts: Readonly<Record<'weights' | 'layers' | 'kl' | 'largest', ChartMessages>>
}

export interface ChartMessages {
  readonly title: string
  readonly description: string
  readonly x: string
  readonly y: string
}
