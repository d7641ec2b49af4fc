import { NonFiniteError } from '@viscpm/core'

export interface LabelScore {
  readonly label: string
  /** 0 to 1; the scores of all labels add up to 1. */
  readonly score: number
}

/**
 * Softmax, then the highest first; equal ones keep the order of the labels.
 * @throws NonFiniteError when a logit is no number: it would compare as not unsafe.
 * Source: transformers, TextClassificationPipeline with top_k=None.
 */
export function labelScores(logits: ArrayLike<number>, labels: readonly string[]): LabelScore[] {
  const values = Array.from(logits)
  const bad = values.findIndex(value => !Number.isFinite(value))
  if (bad >= 0)
    throw new NonFiniteError({
      message: `the logit of ${labels[bad]} is ${values[bad]}`,
      hint: 'The weights hold NaN or infinity: the file is damaged, or its training diverged.',
    })
  const highest = Math.max(...values)
  const exps = values.map(value => Math.fround(Math.exp(Math.fround(value - highest))))
  const sum = exps.reduce((a, b) => Math.fround(a + b), 0)
  return labels.map((label, i) => ({ label, score: Math.fround(exps[i]! / sum) })).sort((a, b) => b.score - a.score)
}
