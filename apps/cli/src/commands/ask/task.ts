import { languageOf } from '@viscpm/chat'
import { answerInput, continueInput, fillInput, type TaskInput, translateInput } from '@viscpm/cpm-bee'
import { UsageError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'
import { gapsOf, marked } from './marked.js'
import { OrderedJson } from './ordered-json.js'

export const tasks = ['answer', 'fill', 'continue', 'translate'] as const
export type Task = (typeof tasks)[number]

export interface TaskOptions {
  readonly context?: string
  readonly prompt?: string
  readonly to?: 'en' | 'zh'
  readonly raw?: boolean
}

const optionOf: Readonly<Record<'context' | 'prompt' | 'to', Task>> = {
  context: 'answer',
  prompt: 'continue',
  to: 'translate',
}

/** Refuses options of another task: what is given must count. */
export function checkTaskOptions(task: Task | undefined, options: TaskOptions, t: Messages): void {
  for (const [name, home] of Object.entries(optionOf))
    if (options[name as keyof TaskOptions] !== undefined && task !== home)
      throw new UsageError(t.ask.notForTask(`--${name}`, task ?? '--data'))
  if (options.raw && task !== undefined) throw new UsageError(t.ask.notForTask('--raw', task))
}

/** A task as CPM-Bee was trained on it. Source: CPM-Bee's documentation of input formats. */
export function taskInput(task: Task, typed: string, options: TaskOptions, t: Messages): TaskInput {
  switch (task) {
    case 'answer':
      return options.context === undefined ? { question: typed, '<ans>': '' } : answerInput(options.context, typed)
    case 'continue':
      return continueInput(typed, options.prompt ?? '往后写约100字')
    case 'translate':
      return translateInput(typed, options.to ?? (languageOf(typed) === 'zh' ? 'en' : 'zh'))
    case 'fill': {
      const input = marked(typed)
      if (typeof input === 'string' || gapsOf(input).length === 0) throw new UsageError(t.ask.noGap, t.ask.noGapHint)
      return fillInput(input)
    }
  }
}

/** A task in CPM-Bee's own form. @throws UsageError */
export function dataInput(json: string, raw: boolean, t: Messages): TaskInput {
  let input: TaskInput | undefined
  try {
    input = OrderedJson.read(json, raw)
  } catch (error) {
    throw new UsageError(t.ask.dataNotJson((error as Error).message))
  }
  if (!input) throw new UsageError(t.ask.dataNotObject)
  return input
}
