import type { Argument, Command, Help, Option } from 'commander'
import type { Context } from './context.js'
import { colorsFor } from './terminal/colors.js'
import { displayWidth } from './terminal/format.js'

/** Puts help into the language of the interface, and sends everything that commander writes to the given streams. */
export function configureHelp(program: Command, { io, t }: Context): void {
  const { headings } = t.help
  const colors = colorsFor(io.stdout, io.env)
  const titles: Readonly<Record<string, string>> = {
    'Usage:': headings.usage,
    'Arguments:': headings.arguments,
    'Options:': headings.options,
    'Global Options:': headings.globalOptions,
    'Commands:': headings.commands,
  }
  const described = (one: Option | Argument): string => {
    const { argChoices, defaultValue, description } = one
    const notes = [
      ...(argChoices ? [`${t.help.choices}: ${argChoices.join(', ')}`] : []),
      ...(typeof defaultValue === 'string' ? [`${t.help.defaultValue}: ${defaultValue}`] : []),
    ]
    return notes.length > 0 ? `${description} (${notes.join('; ')})` : description
  }
  program
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      // Only help is written there, where a command is missing.
      writeErr: text => io.stdout.write(text),
      // Told by main, in the right language.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 100),
      getOutHasColors: () => colors.isColorSupported,
    })
    .configureHelp({
      showGlobalOptions: true,
      displayWidth,
      styleTitle: title => colors.bold(titles[title] ?? title),
      styleCommandText: text => colors.cyan(text),
      styleSubcommandTerm: text => colors.cyan(text),
      optionDescription: described,
      argumentDescription: described,
    } satisfies Partial<Help>)
    .helpOption('-h, --help', t.help.options.help)
    .helpCommand('help [command]', t.help.commands.help)
    .allowExcessArguments(false)
}
