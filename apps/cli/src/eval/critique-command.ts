import { type Command, Option } from 'commander'
import { amongWhat, type CritiqueOptions } from '../commands/eval-critique/options.js'
import type { Context } from '../context.js'
import { valueReaders } from '../options/values.js'

/** Adds `viscpm eval critique`. */
export function addCritiqueCommand(group: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const { about, options: text } = t.eval.critique
  const read = valueReaders(t)
  group
    .command('critique')
    .description(about)
    .addOption(new Option('-o, --output <folder>', text.output))
    .addOption(
      new Option('--among <which>', text.among)
        .choices(amongWhat)
        .default('same-prompt')
        .argParser(read.oneOf('--among', amongWhat)),
    )
    .addOption(new Option('--scenes <n>', text.prompts).default(1).argParser(read.whole('--scenes', 1)))
    .addOption(new Option('--kinds <names>', text.kinds))
    .addOption(new Option('--candidates <n>', text.candidates).default(4).argParser(read.whole('--candidates', 1)))
    .addOption(new Option('--seed <n>', text.seed).default(1000).argParser(read.whole('--seed', 0)))
    .addOption(new Option('--steps <n>', text.steps).default(20).argParser(read.whole('--steps', 1)))
    .addOption(new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)))
    .addOption(new Option('--json', text.json))
    .action(async (_options, command: Command) => {
      const { critique } = await import('../commands/eval-critique/command.js')
      exit(await critique(context, command.optsWithGlobals<CritiqueOptions>()))
    })
}
