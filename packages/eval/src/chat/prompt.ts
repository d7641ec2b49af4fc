import type { ChatTestItem } from './test-set.js'

/** What the judge is told to be. Source: LLaVA, eval_gpt_review_visual. */
export const judgeSystemMessage = 'You are a helpful and precise assistant for checking the quality of the answer.'

/**
 * What the judge reads: context, question, two answers, rule, laid out to the letter as by LLaVA.
 * @param answers in the order in which they are shown; the original shows the reference first
 * Source: LLaVA, eval_gpt_review_visual.
 */
export function judgePrompt(
  { question, context, rule: { role, prompt } }: Omit<ChatTestItem, 'reference'>,
  [first, second]: readonly [string, string],
): string {
  const captions = context.captions.join('\n')
  const boxes = context.instances.map(({ category, bbox }) => `${category}: [${bbox.map(pythonFloat).join(', ')}]`)
  return (
    `[Context]\n${captions}\n\n${boxes.join('\n')}\n\n` +
    `[Question]\n${question.text}\n\n` +
    `[${role} 1]\n${first}\n\n[End of ${role} 1]\n\n` +
    `[${role} 2]\n${second}\n\n[End of ${role} 2]\n\n` +
    `[System]\n${prompt}\n\n`
  )
}

/** As Python writes it: the published boxes are floats, 1.0 among them. */
const pythonFloat = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value))
