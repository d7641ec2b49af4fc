import { type Command, Option } from 'commander'
import type { DownloadCommandOptions } from './commands/download/command.js'
import type { ListCommandOptions } from './commands/list/command.js'
import type { RemoveCommandOptions } from './commands/remove/command.js'
import type { Context } from './context.js'

/** Adds the commands that download models, and look after them. */
export function addModelsCommands(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const json = () => new Option('--json', text.modelsJson).helpGroup(t.help.headings.output)
  const cacheDir = () => new Option('--cache-dir <folder>', text.cacheDir)
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value]

  program
    .command('download')
    .description(t.help.commands.download)
    .argument('<model>', t.help.arguments.model)
    .option('--accept-license', text.acceptLicense)
    .addOption(new Option('--endpoint <url>', text.endpoint).argParser(several))
    .addOption(cacheDir())
    .option('--offline', text.offline)
    .option('--no-companions', text.noCompanions)
    .addOption(json())
    .addHelpText('after', `\n${t.help.downloadExamples}`)
    .action(async (model: string, _options, command: Command) => {
      const { download } = await import('./commands/download/command.js')
      exit(await download(context, model, command.optsWithGlobals<DownloadCommandOptions>()))
    })

  program
    .command('list')
    .description(t.help.commands.list)
    .option('--all', text.listAll)
    .addOption(cacheDir())
    .addOption(json())
    .action(async (_options, command: Command) => {
      const { list } = await import('./commands/list/command.js')
      exit(await list(context, command.optsWithGlobals<ListCommandOptions>()))
    })

  program
    .command('remove')
    .description(t.help.commands.remove)
    .argument('<model>', t.help.arguments.model)
    .option('-y, --yes', text.yes)
    .addOption(cacheDir())
    .addOption(json())
    .action(async (model: string, _options, command: Command) => {
      const { remove } = await import('./commands/remove/command.js')
      exit(await remove(context, model, command.optsWithGlobals<RemoveCommandOptions>()))
    })
}
