import type { Image, TaskOptions } from '@viscpm/core'

/** Languages of prompts, as BCP 47 codes. */
export type RerankerLanguage = 'zh' | 'en'

export interface RerankOptions extends TaskOptions {
  /** Cut a prompt that is longer than the model reads. Default false: such a prompt is a ContextTooLongError. */
  readonly truncate?: boolean
}

export interface Ranking {
  /** Of the best picture; of several equally good ones the first. */
  readonly index: number
  /** One per picture, higher is better. */
  readonly scores: readonly number[]
}

/** Tells how well pictures show what a prompt says. The seam for others: whoever ranks needs no more than this. */
export interface Reranker {
  readonly name: string
  /** Prompts in other languages get scores too, but these mean little: ask before you rank. */
  readonly languages: readonly RerankerLanguage[]
  /** One finite number per picture, higher is better; they compare among pictures of one prompt. */
  score(prompt: string, images: readonly Image[], options?: RerankOptions): Promise<number[]>
  /** Scores, and the picture that has the highest. */
  best(prompt: string, images: readonly Image[], options?: RerankOptions): Promise<Ranking>
}
