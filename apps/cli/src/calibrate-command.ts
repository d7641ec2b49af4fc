import { type Command, Option } from 'commander'
import type { CalibrateOptions } from './commands/calibrate/command.js'
import type { Context } from './context.js'
import { valueReaders } from './options/values.js'

/** Adds the command that makes a painter compute with int8. */
export function addCalibrateCommand(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value]
  const options = [
    new Option('--prompt <text>', text.calibratePrompt).argParser(several),
    new Option('--steps <n>', text.calibrateSteps).argParser(read.whole('--steps', 1)),
    new Option('--percentile <x>', text.calibratePercentile).argParser(read.number('--percentile')),
    new Option('--keep <pattern>', text.calibrateKeep).argParser(several),
    new Option('--vae-decoder', text.calibrateVae),
  ]
  const parts = [
    new Option('--vocab <file>', text.vocab),
    new Option('--config <file>', text.painterConfig),
    new Option('--unet-config <file>', text.unetConfig),
    new Option('--scheduler-config <file>', text.schedulerConfig),
    new Option('--vae <folder>', text.vae),
    new Option('--language-model <file>', text.languageModel),
    new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)),
    new Option('--keep-half', text.keepHalf),
  ]
  const command = program
    .command('calibrate')
    .description(t.help.commands.calibrate)
    .argument('<model>', t.help.arguments.calibrated)
    .requiredOption('-o, --output <folder>', text.calibrateOutput)
  for (const option of options) command.addOption(option)
  for (const option of parts) command.addOption(option.helpGroup(t.help.headings.model))
  command
    .addOption(new Option('--json', text.calibrateJson).helpGroup(t.help.headings.output))
    .addHelpText('after', `\n${t.help.calibrateExamples}`)
    .action(async (model: string, _options, command: Command) => {
      const { calibrate } = await import('./commands/calibrate/command.js')
      exit(await calibrate(context, model, command.optsWithGlobals<CalibrateOptions>()))
    })
}
