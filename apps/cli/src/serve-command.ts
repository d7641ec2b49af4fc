import type { RateLimits } from '@viscpm/server'
import { type Command, Option } from 'commander'
import type { ServeOptions } from './commands/serve/command.js'
import type { Context } from './context.js'
import { addDeviceOptions } from './options/device.js'
import { rateLimit } from './options/rate-limit.js'
import { addSafetyOptions } from './options/safety.js'
import { valueReaders } from './options/values.js'

/** Adds the command that serves the page and the API. */
export function addServeCommand(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const read = valueReaders(t)
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value]
  const command = program
    .command('serve')
    .description(t.help.commands.serve)
    .addOption(new Option('--host <address>', text.serveHost).default('127.0.0.1'))
    .addOption(new Option('--port <n>', text.servePort).argParser(read.whole('--port', 0)).default(8080))
    .addOption(new Option('--api-key-file <file>', text.serveKeys))
    .addOption(new Option('--allow-host <name>', text.serveAllowHost).argParser(several))
    .addOption(new Option('--allow-origin <origin>', text.serveAllowOrigin).argParser(several))
    .addOption(new Option('--allow-remote-images', text.serveRemote))
    .addOption(new Option('--max-queue <n>', text.serveMaxQueued).argParser(read.whole('--max-queue', 1)))
    .addOption(
      new Option('--rate-limit <rate>', text.serveRateLimit).argParser<RateLimits>((given, before) =>
        rateLimit(given, before, t),
      ),
    )
    .addOption(new Option('--queue <url>', text.serveQueue))
    .addOption(new Option('--open', text.serveOpen))
  const model = [
    new Option('-m, --model <where>', text.serveModel).argParser(several),
    new Option('--threads <n>', text.threads).argParser(read.whole('--threads', 1)),
    new Option('--memory <how>', text.memory).argParser(read.memory('--memory')),
    new Option('--keep-half', text.keepHalf),
  ]
  for (const option of model) command.addOption(option.helpGroup(t.help.headings.model))
  addSafetyOptions(addDeviceOptions(command, t), t)
    .addHelpText('after', `\n${t.help.serveExamples}`)
    .action(async (_options, command: Command) => {
      const { serve } = await import('./commands/serve/command.js')
      exit(await serve(context, command.optsWithGlobals<ServeOptions>()))
    })
}
