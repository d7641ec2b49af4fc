import type { CommanderError } from 'commander'
import { UsageError } from './failures.js'
import type { Messages } from './messages/index.js'

/** What commander puts in quotes: the option or command that is wrong. */
function quoted(message: string): readonly string[] {
  return [...message.matchAll(/'([^']*)'/g)].map(match => match[1]!)
}

/** The error of commander in the language of the interface. `command` is the command line up to the error. */
export function parseError(error: CommanderError, command: string, t: Messages): UsageError {
  const [first = '', second = ''] = quoted(error.message)
  const suggestion = /\(Did you mean (?:one of )?([^)?]+)\?\)/.exec(error.message)?.[1]
  const hint = suggestion ? t.parsing.didYouMean(suggestion) : t.parsing.seeHelp(command)
  switch (error.code) {
    case 'commander.unknownOption':
      return new UsageError(t.parsing.unknownOption(first), hint)
    case 'commander.unknownCommand':
      return new UsageError(t.parsing.unknownCommand(first), hint)
    case 'commander.missingArgument':
      return new UsageError(t.parsing.missingArgument(first.toUpperCase()), hint)
    case 'commander.missingMandatoryOptionValue':
      return new UsageError(t.parsing.missingArgument(first), hint)
    case 'commander.optionMissingArgument':
      return new UsageError(t.parsing.missingValue(first), hint)
    case 'commander.excessArguments':
      return new UsageError(t.parsing.tooManyArguments, hint)
    case 'commander.conflictingOption':
      return new UsageError(t.parsing.conflict(first, second), hint)
    default:
      return new UsageError(error.message.replace(/^error: /, ''), hint)
  }
}
