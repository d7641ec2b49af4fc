import { type Command, Option } from 'commander'
import type { Messages } from '../messages/index.js'
import type { LoadOptions } from '../models.js'
import { valueReaders } from './values.js'

export interface ModelOptions {
  readonly model: string
  readonly vocab?: string
  readonly config?: string
  readonly threads?: number
  readonly keepHalf?: boolean
}

/** Adds the options that say which model is loaded, and how. */
export function addModelOptions(command: Command, t: Messages): Command {
  const text = t.help.options
  const options = [
    new Option('-m, --model <where>', text.model).default('tiny'),
    new Option('--vocab <file>', text.vocab),
    new Option('--config <file>', text.config),
    new Option('--threads <n>', text.threads).argParser(valueReaders(t).whole('--threads', 1)),
    new Option('--keep-half', text.keepHalf),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.model))
  return command
}

/** The options as the library takes them. */
export function loadOptions(options: ModelOptions): LoadOptions {
  return {
    ...(options.vocab !== undefined && { vocabulary: options.vocab }),
    ...(options.config !== undefined && { config: options.config }),
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.keepHalf !== undefined && { keepHalf: options.keepHalf }),
  }
}
