import { type SafetyPreset, safetyPresets } from '@viscpm/safety'
import { type Command, Option } from 'commander'
import type { Messages } from '../messages/index.js'
import { valueReaders } from './values.js'

export interface SafetyOptions {
  readonly safety: SafetyPreset
  readonly promptChecker?: string
  readonly imageChecker?: string
  readonly audit?: string
  readonly threads?: number
}

/** Adds the options that say what is checked, and by whom. */
export function addSafetyOptions(
  command: Command,
  t: Messages,
  { pictures = true }: { readonly pictures?: boolean } = {},
): Command {
  const text = t.help.options
  const read = valueReaders(t)
  const options = [
    new Option('--safety <policy>', text.safety)
      .choices(safetyPresets)
      .argParser(read.oneOf('--safety', safetyPresets))
      .default('strict'),
    new Option('--prompt-checker <folder>', text.promptChecker),
    ...(pictures ? [new Option('--image-checker <folder>', text.imageChecker)] : []),
    new Option('--audit <file>', text.audit),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.safety))
  return command
}
