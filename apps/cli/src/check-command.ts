import { type Command, Option } from 'commander'
import type { CheckOptions } from './commands/check/command.js'
import { checkedAs } from './commands/check/stages.js'
import type { Context } from './context.js'
import { addSafetyOptions } from './options/safety.js'
import { valueReaders } from './options/values.js'

/** Adds the command that says what checkers think of texts and pictures. */
export function addCheckCommand(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const check = program
    .command('check')
    .description(t.help.commands.check)
    .argument('<inputs...>', t.help.arguments.inputs)
    .addOption(new Option('--as <stage>', text.checkAs).choices(checkedAs).argParser(read.oneOf('--as', checkedAs)))
  addSafetyOptions(check, t)
    .addOption(
      new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)).helpGroup(t.help.headings.safety),
    )
    .addOption(new Option('--json', text.checkJson).helpGroup(t.help.headings.output))
    .addHelpText('after', `\n${t.help.checkExamples}`)
    .action(async (inputs: string[], _options, command: Command) => {
      const { check } = await import('./commands/check/command.js')
      exit(await check(context, inputs, command.optsWithGlobals<CheckOptions>()))
    })
}
