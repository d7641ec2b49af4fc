import { type BilingualPart, bilingualParts } from '@viscpm/eval'
import { type Command, Option } from 'commander'
import type { EvalBilingualOptions } from '../commands/eval-bilingual/request.js'
import type { Context } from '../context.js'
import { UsageError } from '../failures.js'
import { addDeviceOptions } from '../options/device.js'
import { addSafetyOptions } from '../options/safety.js'
import { valueReaders } from '../options/values.js'

/** Adds the command that measures whether both languages mean the same to a model. */
export function addBilingualCommand(group: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const { bilingual } = t.eval
  const { options: text } = bilingual
  const { headings } = t.help
  const read = valueReaders(t)
  const oneOf = read.oneOf('--only', bilingualParts)
  const parts = (value: string): BilingualPart[] => value.split(',').map(part => oneOf(part.trim()))
  const seeds = (value: string): readonly bigint[] => {
    const found = read.seeds('--seeds')(value)
    const list = typeof found === 'bigint' ? [found] : found
    if (new Set(list).size === list.length && list.length > 1) return list
    throw new UsageError(t.parsing.invalidValue('--seeds', JSON.stringify(value)), bilingual.twoSeeds)
  }
  const command = group.command('bilingual').description(bilingual.about)
  const options = [
    new Option('--only <parts>', text.only).argParser(parts),
    new Option('--pairs <file>', text.pairs),
    new Option('--lexicon <file>', text.lexicon),
    new Option('--limit <n>', text.limit).argParser(read.whole('--limit', 1)),
    new Option('--seeds <list>', text.seeds).argParser(seeds).default([1000n, 1001n], '1000,1001'),
    new Option('--steps <n>', text.steps).argParser(read.whole('--steps', 1)).default(12),
    new Option('--max-new-tokens <n>', text.maxNewTokens).argParser(read.whole('--max-new-tokens', 1)).default(128),
    new Option('--eyes <folder>', text.eyes).default('tiny'),
  ]
  const models = [
    new Option('--chat-model <where>', text.chatModel).default('tiny'),
    new Option('--chat-vocab <file>', text.chatVocab),
    new Option('--chat-config <file>', text.chatConfig),
    new Option('--paint-model <where>', text.paintModel).default('tiny'),
    new Option('--paint-vocab <file>', text.paintVocab),
    new Option('--paint-config <file>', text.paintConfig),
    new Option('--memory <how>', t.help.options.memory).argParser(read.memory('--memory')),
    new Option('--threads <n>', t.help.options.threads).argParser(read.whole('--threads', 1)),
    new Option('--keep-half', t.help.options.keepHalf),
  ]
  const outputs = [
    new Option('--work <folder>', text.work),
    new Option('--json <file>', text.json),
    new Option('--html <file>', text.html),
    new Option('--svg <folder>', text.svg),
  ]
  for (const option of options) command.addOption(option)
  for (const option of models) command.addOption(option.helpGroup(headings.model))
  addSafetyOptions(addDeviceOptions(command, t), t)
  for (const option of outputs) command.addOption(option.helpGroup(headings.output))
  command.addHelpText('after', `\n${bilingual.examples}`).action(async (_options, command: Command) => {
    const { evalBilingual } = await import('../commands/eval-bilingual/command.js')
    exit(await evalBilingual(context, command.optsWithGlobals<EvalBilingualOptions>()))
  })
}
