import type { MemoryOption } from '@viscpm/core/cost'
import { type Command, Option } from 'commander'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import type { PainterOptions } from '../models.js'
import { addDeviceOptions, type DeviceOptions, deviceOptions } from './device.js'
import { valueReaders } from './values.js'

const rankers = ['clip', 'self'] as const

/** Who chooses among candidates. */
export interface RankByOptions {
  readonly rankBy?: (typeof rankers)[number]
  /** Default 'tiny'. */
  readonly critic?: string
}

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

/** Adds the options that let a chat model choose. */
export function addRankByOptions(command: Command, t: Messages): Command {
  const text = t.help.options
  const options = [
    new Option('--rank-by <who>', text.rankBy)
      .choices(rankers)
      .default('clip')
      .argParser(valueReaders(t).oneOf('--rank-by', rankers)),
    new Option('--critic <where>', text.critic),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.model))
  return command
}

/**
 * Commander's own `conflicts` would refuse `--rank-by clip --ranker FOLDER` too, which is meaningful.
 * @param reranker the option that says something of the reranker, where one was given
 * @throws UsageError where a chat is to choose and something is said of the reranker, or the other way round
 */
export function checkRankBy({ rankBy, critic }: RankByOptions, t: Messages, reranker?: string): void {
  if (rankBy === 'self' && reranker !== undefined) throw new UsageError(t.parsing.conflict('--rank-by self', reranker))
  if (rankBy !== 'self' && critic !== undefined)
    throw new UsageError(
      t.parsing.noEffect('--critic', '--rank-by self'),
      t.parsing.addOrLeave('--rank-by self', '--critic'),
    )
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
