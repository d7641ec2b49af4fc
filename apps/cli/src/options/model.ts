import type { MemoryOption } from '@viscpm/core/cost'
import type { KeyValueDType } from '@viscpm/cpm-bee'
import { type Command, Option } from 'commander'
import type { Messages } from '../messages/index.js'
import type { LoadOptions } from '../models.js'
import { addDeviceOptions, type DeviceOptions, deviceOptions } from './device.js'
import { valueReaders } from './values.js'

export interface ModelOptions extends DeviceOptions {
  readonly model: string
  readonly vocab?: string
  readonly config?: string
  readonly threads?: number
  readonly keepHalf?: boolean
  readonly kvCache?: KeyValueDType
  readonly memory?: MemoryOption
}

const keyValueDTypes = ['float32', 'float16', 'int8'] as const satisfies readonly KeyValueDType[]

/** Adds the options that say which model is loaded, and how. */
export function addModelOptions(command: Command, t: Messages): Command {
  const text = t.help.options
  const read = valueReaders(t)
  const options = [
    new Option('-m, --model <where>', text.model).default('tiny'),
    new Option('--vocab <file>', text.vocab),
    new Option('--config <file>', text.config),
    new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)),
    new Option('--memory <how>', text.memory).argParser(read.memory('--memory')),
    new Option('--keep-half', text.keepHalf),
    new Option('--kv-cache <dtype>', text.kvCache)
      .choices(keyValueDTypes)
      .argParser(read.oneOf('--kv-cache', keyValueDTypes)),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.model))
  return addDeviceOptions(command, t)
}

/** The options as the library takes them. */
export function loadOptions(options: ModelOptions): LoadOptions {
  return {
    ...(options.vocab !== undefined && { vocabulary: options.vocab }),
    ...(options.config !== undefined && { config: options.config }),
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.keepHalf !== undefined && { keepHalf: options.keepHalf }),
    ...(options.memory !== undefined && { memory: options.memory }),
    ...(options.kvCache !== undefined && { kvCache: options.kvCache }),
    ...deviceOptions(options),
  }
}
