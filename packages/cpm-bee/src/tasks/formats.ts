import { InvalidArgumentError } from '@viscpm/core'
import { isMarkedText, type MarkedText } from './marked-text.js'
import type { TaskInput, TaskText } from './task-input.js'

// The inputs that CPM-Bee was trained on, as its documentation gives them.

/** One answer for each gap, in reading order. @throws InvalidArgumentError when the text has no `mask(k)`, or an `option` */
export function fillInput(input: MarkedText): TaskInput {
  const gaps = isMarkedText(input) ? [...new Set(input.markers)] : []
  if (gaps.length === 0)
    throw new InvalidArgumentError({ argument: 'input', message: 'has no gap; put mask(0) into a text`...`' })
  const other = gaps.find(gap => !gap.startsWith('<mask'))
  if (other) throw new InvalidArgumentError({ argument: 'input', message: `${other} is no gap; use mask(k)` })
  return { input, '<ans>': Object.fromEntries(gaps.map(gap => [gap, ''])) }
}

/** What follows a text. */
export function continueInput(input: TaskText, prompt: TaskText): TaskInput {
  return { input, prompt, '<ans>': '' }
}

const translations = new Map([
  ['en', '中翻英'],
  ['zh', '英翻中'],
])

/** Chinese to English or back. @throws InvalidArgumentError for another language */
export function translateInput(input: TaskText, to: 'en' | 'zh'): TaskInput {
  const prompt = translations.get(to)
  if (!prompt) throw new InvalidArgumentError({ argument: 'to', message: `must be 'en' or 'zh', not ${String(to)}` })
  return { input, prompt, '<ans>': '' }
}

/** A question about a text. */
export function answerInput(input: TaskText, question: TaskText): TaskInput {
  return { input, question, '<ans>': '' }
}

/** A question about a text with the possible answers. @throws InvalidArgumentError when there are none */
export function chooseInput(input: TaskText, question: TaskText, choices: readonly TaskText[]): TaskInput {
  if (choices.length === 0) throw new InvalidArgumentError({ argument: 'choices', message: 'there are none' })
  const options = Object.fromEntries(choices.map((choice, i) => [`<option_${i}>`, choice]))
  return { input, options, question, '<ans>': '' }
}
