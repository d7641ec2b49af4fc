import type { Context } from './context.js'
import { exitCodes } from './exit-codes.js'
import { type Io, processIo } from './io.js'
import { chooseLang } from './locale.js'
import { messagesOf } from './messages/index.js'
import { parseError } from './parse-errors.js'
import { buildProgram, CommanderError } from './program.js'
import { failureObject, reportFailure } from './report-failure.js'
import { services as realServices, type Services } from './services.js'

/** What commander throws when it has shown what was asked for, help for want of a command included. */
const shown: ReadonlySet<string> = new Set(['commander.help', 'commander.helpDisplayed', 'commander.version'])

const commands = [
  ...['chat', 'ask', 'paint', 'replay', 'rank', 'check', 'calibrate', 'inspect', 'quantize', 'verify', 'report'],
  ...['download', 'list', 'remove', 'serve', 'worker', 'eval', 'doctor', 'demo'],
]

/**
 * The `viscpm` command. Never throws: errors are told on standard error.
 * @param argv arguments after the name of the command
 * @returns the exit code, see `exitCodes`
 */
export async function main(
  argv: readonly string[],
  io: Io = processIo(),
  services: Services = realServices,
): Promise<number> {
  const lang = chooseLang(argv, io.env)
  const context: Context = { io, lang, t: messagesOf(lang), services }
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined)
  const verbose = flags.includes('--verbose')
  let exitCode: number = exitCodes.ok
  try {
    const program = buildProgram(context, code => {
      exitCode = code
    })
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && shown.has(error.code)) return exitCodes.ok
    const told = error instanceof CommanderError ? parseError(error, commandLine(argv), context.t) : error
    const failure = reportFailure(context, told, verbose)
    if (flags.includes('--json')) io.stdout.write(`${JSON.stringify(failureObject(failure))}\n`)
    return failure.exitCode
  }
}

/** The command that the arguments name, for 'see COMMAND --help'. */
function commandLine(argv: readonly string[]): string {
  const named = argv.find(arg => commands.includes(arg))
  return named ? `viscpm ${named}` : 'viscpm'
}
