import type { DecodingOptions } from '@viscpm/chat'
import { isVisCPMError } from '@viscpm/core'
import { type Command, Option } from 'commander'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import { valueReaders } from './values.js'

const names = [
  'decoding',
  'beamSize',
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'lengthPenalty',
  'seed',
  'lookup',
  'maxNewTokens',
] as const satisfies readonly (keyof DecodingOptions)[]

/** Adds the options that say how an answer is chosen. Which go together is checked by the library. */
export function addDecodingOptions(command: Command, t: Messages): Command {
  const read = valueReaders(t)
  const text = t.help.options
  const ways = ['beam', 'greedy', 'sample'] as const
  const options = [
    new Option('--decoding <way>', text.decoding).choices(ways).argParser(read.oneOf('--decoding', ways)),
    new Option('--beam-size <n>', text.beamSize).argParser(read.whole('--beam-size', 1)),
    new Option('--temperature <x>', text.temperature).argParser(read.number('--temperature')),
    new Option('--top-k <n>', text.topK).argParser(read.whole('--top-k', 0)),
    new Option('--top-p <x>', text.topP).argParser(read.number('--top-p')),
    new Option('--min-p <x>', text.minP).argParser(read.number('--min-p')),
    new Option('--repetition-penalty <x>', text.repetitionPenalty).argParser(read.number('--repetition-penalty')),
    new Option('--length-penalty <x>', text.lengthPenalty).argParser(read.number('--length-penalty')),
    new Option('--seed <n>', text.seed).argParser(read.whole('--seed', 0)),
    new Option('--lookup', text.lookup),
    new Option('--no-lookup', text.noLookup),
    new Option('--max-new-tokens <n>', text.maxNewTokens).argParser(read.whole('--max-new-tokens', 1)),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.decoding))
  return command
}

/** Of all options of a command, those of decoding that were given. */
export function givenDecoding(options: DecodingOptions): DecodingOptions {
  return Object.fromEntries(
    names.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]]])),
  ) as DecodingOptions
}

/** An error of the library about an option of decoding, under the name that it has on the command line. */
export function asOptionError(error: unknown, t: Messages): unknown {
  if (!isVisCPMError(error, 'INVALID_ARGUMENT')) return error
  const { argument } = error as unknown as { argument?: string }
  const name = argument === 'maxLength' ? 'maxNewTokens' : names.find(known => known === argument)
  if (name === undefined || !error.message.startsWith(`${argument}: `)) return error
  const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  return new UsageError(flag + error.message.slice(argument!.length), t.parsing.decodingTakes)
}
