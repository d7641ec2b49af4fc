import type { MemoryOption } from '@viscpm/core/cost'
import { type Command, Option } from 'commander'
import type { Messages } from '../messages/index.js'
import type { PainterOptions } from '../models.js'
import { addDeviceOptions, type DeviceOptions, deviceOptions } from './device.js'
import { valueReaders } from './values.js'

export interface PainterModelOptions extends DeviceOptions {
  readonly model: string
  readonly vocab?: string
  readonly config?: string
  readonly unetConfig?: string
  readonly schedulerConfig?: string
  readonly vae?: string
  /** false: --no-ranker */
  readonly ranker?: string | false
  readonly languageModel?: string
  readonly memory?: MemoryOption
  readonly threads?: number
  readonly keepHalf?: boolean
}

/** Adds the options that say which painter is loaded, and how; those of its ranker where it chooses. */
export function addPainterModelOptions(command: Command, t: Messages, chooses = true): Command {
  const text = t.help.options
  const read = valueReaders(t)
  const options = [
    new Option('-m, --model <where>', text.model).default('tiny'),
    new Option('--vocab <file>', text.vocab),
    new Option('--config <file>', text.painterConfig),
    new Option('--unet-config <file>', text.unetConfig),
    new Option('--scheduler-config <file>', text.schedulerConfig),
    new Option('--vae <folder>', text.vae),
    ...(chooses ? [new Option('--ranker <folder>', text.ranker), new Option('--no-ranker', text.noRanker)] : []),
    new Option('--language-model <file>', text.languageModel),
    new Option('--memory <how>', text.memory).argParser(read.memory('--memory')),
    new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)),
    new Option('--keep-half', text.keepHalf),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.model))
  return addDeviceOptions(command, t)
}

/** The options as the library takes them. */
export function painterOptions(options: PainterModelOptions): PainterOptions {
  const { vocab, config, unetConfig, schedulerConfig, vae, ranker, languageModel, memory, threads, keepHalf } = options
  return {
    ...(vocab !== undefined && { vocabulary: vocab }),
    ...(config !== undefined && { config }),
    ...(unetConfig !== undefined && { unetConfig }),
    ...(schedulerConfig !== undefined && { schedulerConfig }),
    ...(vae !== undefined && { vae }),
    ...(ranker !== undefined && { ranker }),
    ...(languageModel !== undefined && { languageModel }),
    ...(memory !== undefined && { memory }),
    ...(threads !== undefined && { threads }),
    ...(keepHalf !== undefined && { keepHalf }),
    ...deviceOptions(options),
  }
}
