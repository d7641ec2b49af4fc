import { type Command, Option } from 'commander'
import type { QuantizeCommandOptions } from './commands/quantize/command.js'
import type { ReportCommandOptions } from './commands/report/command.js'
import type { VerifyCommandOptions } from './commands/verify/command.js'
import type { Context } from './context.js'
import { valueReaders } from './options/values.js'

const dtypes = ['int4', 'int8', 'fp16'] as const
const blocks = ['128', '64', '32'] as const
const roundings = ['nearest', 'search'] as const
const visions = ['int8', 'fp16'] as const

/** Adds the commands that convert checkpoints, and that check and measure what was converted. */
export function addQuantizeCommands(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const choice = <T extends string>(name: string, description: string, choices: readonly T[]) =>
    new Option(`${name} <name>`, description).choices([...choices]).argParser(read.oneOf(name, choices))
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value]
  const json = () => new Option('--json', text.json).helpGroup(t.help.headings.output)
  const workers = () => new Option('--workers <n>', text.workers).argParser(read.whole('--workers', 1))

  program
    .command('quantize')
    .description(t.help.commands.quantize)
    .argument('<source>', t.help.arguments.checkpoint)
    .requiredOption('-o, --output <folder>', text.folder)
    .addOption(choice('--dtype', text.dtype, dtypes).default('int4'))
    .addOption(
      new Option('--block <n>', text.block)
        .choices([...blocks])
        .argParser(value => +read.oneOf('--block', blocks)(value)),
    )
    .addOption(choice('--rounding', text.rounding, roundings).default('nearest'))
    .addOption(choice('--embedding', text.embedding, dtypes))
    .addOption(choice('--vision', text.vision, visions))
    .addOption(new Option('--keep <pattern>', text.keepTensors).argParser(several))
    .addOption(new Option('--format <rule>', text.format).argParser(several))
    .addOption(workers())
    .option('--force', text.force)
    .addOption(json())
    .addHelpText('after', `\n${t.help.quantizeExamples}`)
    .action(async (source: string, _options, command: Command) => {
      const { quantize } = await import('./commands/quantize/command.js')
      exit(await quantize(context, source, command.optsWithGlobals<QuantizeCommandOptions>()))
    })

  program
    .command('verify')
    .description(t.help.commands.verify)
    .argument('<folder>', t.help.arguments.converted)
    .option('--source <checkpoint>', text.source)
    .addOption(workers())
    .addOption(json())
    .addHelpText('after', `\n${t.help.verifyExamples}`)
    .action(async (folder: string, _options, command: Command) => {
      const { verify } = await import('./commands/verify/command.js')
      exit(await verify(context, folder, command.optsWithGlobals<VerifyCommandOptions>()))
    })

  const model = (option: Option): Option => option.helpGroup(t.help.headings.model)
  program
    .command('report')
    .description(t.help.commands.report)
    .argument('[folders...]', t.help.arguments.reported)
    .addOption(new Option('-o, --output <file>', text.reportOutput).helpGroup(t.help.headings.output))
    .addOption(new Option('--source <checkpoint>', text.reportSource))
    .addOption(new Option('--quick', text.reportQuick))
    .addOption(new Option('--questions <n>', text.reportQuestions).argParser(read.whole('--questions', 1)))
    .addOption(new Option('--paintings <n>', text.reportPaintings).argParser(read.whole('--paintings', 0)))
    .addOption(model(new Option('--vocab <file>', text.vocab)))
    .addOption(model(new Option('--config <file>', text.config)))
    .addOption(model(new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1))))
    .addOption(new Option('--json', text.reportJson).helpGroup(t.help.headings.output))
    .addHelpText('after', `\n${t.help.reportExamples}`)
    .action(async (folders: string[], _options, command: Command) => {
      const { report } = await import('./commands/report/command.js')
      exit(await report(context, folders, command.optsWithGlobals<ReportCommandOptions>()))
    })
}
