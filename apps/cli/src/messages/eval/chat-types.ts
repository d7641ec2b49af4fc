/** Options of `eval chat`; `options` describes them. */
export type EvalChatOption =
  | 'questions'
  | 'references'
  | 'contexts'
  | 'rules'
  | 'pictures'
  | 'output'
  | 'answers'
  | 'against'
  | 'judge'
  | 'judgeUrl'
  | 'judgeModel'
  | 'judgeKeyEnv'
  | 'judgeTemperature'
  | 'judgeMaxTokens'
  | 'judgeTimeout'
  | 'judgeRetries'
  | 'judgeConcurrency'
  | 'orders'
  | 'markdown'
  | 'json'

export interface EvalChatMessages {
  readonly about: string
  readonly headings: { readonly testSet: string; readonly judge: string }
  readonly options: Readonly<Record<EvalChatOption, string>>
  readonly examples: string
  /** What is wrong with the command line. */
  readonly usage: {
    needs(option: string, missing: string): string
    readonly together: string
    readonly outputNeeded: string
    readonly outputHint: string
    readonly judgeNeeded: string
    readonly judgeHint: string
  }
  readonly answering: string
  readonly judging: string
  answered(count: number, seconds: string): string
  judged(count: number, seconds: string): string
  readonly phases: Readonly<Record<'answers' | 'judge', string>>
  readonly columns: {
    readonly conv: string
    readonly detail: string
    readonly complex: string
    readonly all: string
    readonly questions: string
  }
  readonly languages: Readonly<Record<'en' | 'zh', string>>
  title(language: string, model: string): string
  judgedBy(judge: string): string
  readonly rule: string
  readonly orders: Readonly<Record<'candidate-second' | 'candidate-first', string>>
  published(source: string, judge: string): string
  readonly notes: {
    readonly score: string
    intervals(resamples: number, seed: number): string
    readonly orders: string
    otherJudge(judge: string): string
    unparsable(unparsable: number, reviews: number, left: number): string
    blocked(count: number): string
    readonly unjudged: string
    kept(folder: string): string
  }
  readonly agreement: {
    title(first: string, second: string): string
    readonly compared: string
    readonly identical: string
    readonly similarity: string
    onlyOne(first: number, second: number): string
    difference(question: string, place: number): string
    more(count: number): string
  }
}
