import { type Command, Option } from 'commander'
import type { WorkerCommandOptions } from './commands/worker/command.js'
import type { Context } from './context.js'
import { addDeviceOptions } from './options/device.js'
import { addSafetyOptions } from './options/safety.js'
import { type NamedModel, namedModel } from './options/served-models.js'
import { valueReaders } from './options/values.js'

const kinds = ['chat', 'paint'] as const

/** Adds the command that computes jobs which wait in Redis. */
export function addWorkerCommand(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const several = (value: string, before: readonly NamedModel[] = []): NamedModel[] => [...before, namedModel(value, t)]
  const model = [
    new Option('-m, --model <where>', text.workerModel).argParser(several),
    new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)),
    new Option('--memory <how>', text.memory).argParser(read.memory('--memory')),
    new Option('--keep-half', text.keepHalf),
  ]
  const command = program
    .command('worker')
    .description(t.help.commands.worker)
    .addOption(new Option('--queue <url>', text.workerQueue))
    .addOption(new Option('--only <kind>', text.workerOnly).choices(kinds).argParser(read.oneOf('--only', kinds)))
    .addOption(new Option('--concurrency <n>', text.workerConcurrency).argParser(read.whole('--concurrency', 1)))
    .addOption(new Option('--name <name>', text.workerName))
    .addOption(new Option('--drain <seconds>', text.workerDrain).argParser(read.whole('--drain', 0)))
  for (const option of model) command.addOption(option.helpGroup(t.help.headings.model))
  addSafetyOptions(addDeviceOptions(command, t), t)
    .addOption(new Option('--json', text.workerJson).helpGroup(t.help.headings.output))
    .addHelpText('after', `\n${t.help.workerExamples}`)
    .action(async (_options, command: Command) => {
      const { worker } = await import('./commands/worker/command.js')
      exit(await worker(context, command.optsWithGlobals<WorkerCommandOptions>()))
    })
}
