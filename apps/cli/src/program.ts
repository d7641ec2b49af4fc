import { type Command, CommanderError, Option, Command as Program } from 'commander'
import { addCalibrateCommand } from './calibrate-command.js'
import { addCheckCommand } from './check-command.js'
import type { AskCommandOptions } from './commands/ask/command.js'
import type { ChatOptions } from './commands/chat/command.js'
import type { DemoOptions } from './commands/demo/command.js'
import type { DoctorOptions } from './commands/doctor/command.js'
import type { InspectOptions } from './commands/inspect/command.js'
import type { Context } from './context.js'
import { addEvalCommands } from './eval/commands.js'
import { configureHelp } from './help.js'
import { langs } from './locale.js'
import { addModelsCommands } from './models-commands.js'
import { addDecodingOptions } from './options/decoding.js'
import { addDeviceOptions } from './options/device.js'
import { addModelOptions } from './options/model.js'
import { addSafetyOptions } from './options/safety.js'
import { valueReaders } from './options/values.js'
import { addPaintingCommands } from './painting-commands.js'
import { addQuantizeCommands } from './quantize-commands.js'
import { addServeCommand } from './serve-command.js'
import { version } from './version.js'
import { addWorkerCommand } from './worker-command.js'

export { CommanderError }

/** The command line. Each action imports its command: help needs none of them. `exit` receives the exit code. */
export function buildProgram(context: Context, exit: (code: number) => void): Command {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const program = new Program('viscpm')
  configureHelp(program, context)
  program
    .description(t.help.about)
    .version(version(), '-V, --version', text.version)
    .option('--verbose', text.verbose)
    .option('-q, --quiet', text.quiet)
    .addOption(new Option('--lang <lang>', text.lang).choices(langs).argParser(read.oneOf('--lang', langs)))
    .addHelpText('after', `\n${t.help.exitCodes}`)

  const output = (option: Option): Option => option.helpGroup(t.help.headings.output)
  const json = (): Option => output(new Option('--json', text.json))
  const stream = (command: Command): Command =>
    command
      .addOption(output(new Option('--stream', text.stream)))
      .addOption(output(new Option('--no-stream', text.noStream)))
  const alphas = ['white', 'drop'] as const

  const chat = program
    .command('chat')
    .description(t.help.commands.chat)
    .argument('<image>', t.help.arguments.image)
    .argument('[question]', t.help.arguments.question)
    .addOption(
      new Option('--alpha <how>', text.alpha).choices(alphas).argParser(read.oneOf('--alpha', alphas)).default('white'),
    )
  stream(addSafetyOptions(addDecodingOptions(addModelOptions(chat, t), t), t).addOption(json()))
    .addHelpText('after', `\n${t.help.chatExamples}`)
    .action(async (image: string, question: string | undefined, _options, command: Command) => {
      const { chat } = await import('./commands/chat/command.js')
      exit(await chat(context, image, question, command.optsWithGlobals<ChatOptions>()))
    })

  const ask = program
    .command('ask')
    .description(t.help.commands.ask)
    .argument('[task]', t.help.arguments.task)
    .argument('[text]', t.help.arguments.text)
    .option('--context <text>', text.context)
    .option('--prompt <text>', text.prompt)
    .addOption(new Option('--to <lang>', text.to).choices(langs).argParser(read.oneOf('--to', langs)))
    .option('--data <json>', text.data)
    .option('--raw', text.raw)
  stream(addSafetyOptions(addDecodingOptions(addModelOptions(ask, t), t), t, { pictures: false }).addOption(json()))
    .addHelpText('after', `\n${t.help.askExamples}`)
    .action(async (task: string | undefined, typed: string | undefined, _options, command: Command) => {
      const { ask } = await import('./commands/ask/command.js')
      exit(await ask(context, task, typed, command.optsWithGlobals<AskCommandOptions>()))
    })

  addPaintingCommands(program, context, exit)
  addCheckCommand(program, context, exit)
  addCalibrateCommand(program, context, exit)

  program
    .command('inspect')
    .description(t.help.commands.inspect)
    .argument('<file>', t.help.arguments.checkpoint)
    .option('--keys', text.keys)
    .option('--config <file>', text.config)
    .addOption(output(new Option('--graph <file>', text.graph)))
    .addOption(json())
    .addHelpText('after', `\n${t.help.inspectExamples}`)
    .action(async (file: string, _options, command: Command) => {
      const { inspect } = await import('./commands/inspect/command.js')
      exit(await inspect(context, file, command.optsWithGlobals<InspectOptions>()))
    })

  addQuantizeCommands(program, context, exit)
  addServeCommand(program, context, exit)
  addModelsCommands(program, context, exit)

  program
    .command('doctor')
    .description(t.help.commands.doctor)
    .argument('[model]', t.help.arguments.predicted)
    .addOption(new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)))
    .addOption(json())
    .action(async (model: string | undefined, _options, command: Command) => {
      const options = command.optsWithGlobals<DoctorOptions>()
      if (model !== undefined) {
        const { doctorModel } = await import('./commands/doctor/model.js')
        return exit(await doctorModel(context, model, options))
      }
      const { doctor } = await import('./commands/doctor/command.js')
      exit(await doctor(context, options))
    })

  addWorkerCommand(program, context, exit)
  addEvalCommands(program, context, exit)

  const demo = program.command('demo').description(t.help.commands.demo)
  addDeviceOptions(addSafetyOptions(demo, t), t).action(async (_options, command: Command) => {
    const { demo } = await import('./commands/demo/command.js')
    exit(await demo(context, command.optsWithGlobals<DemoOptions>()))
  })

  return program
}
