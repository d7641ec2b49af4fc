import type { Context } from './context.js'
import { describeFailure, type Failure } from './failures.js'
import { colorsFor } from './terminal/colors.js'
import { oneLine } from './terminal/printable.js'

/**
 * Tells of an error on standard error, and what to do about it: two lines for people, one line where a program reads
 * along. The stack only when asked for.
 */
export function reportFailure({ io, t }: Pick<Context, 'io' | 't'>, error: unknown, verbose: boolean): Failure {
  const failure = describeFailure(error, t)
  const colors = colorsFor(io.stderr, io.env)
  const hint = failure.hint && colors.dim(t.errors.hintPrefix + oneLine(failure.hint))
  const separator = io.stderr.isTTY ? '\n' : ' '
  io.stderr.write(`${colors.red(t.errors.prefix)}${oneLine(failure.message)}${hint ? separator + hint : ''}\n`)
  if (verbose) for (const line of stacks(error)) io.stderr.write(`${colors.dim(line)}\n`)
  return failure
}

function stacks(error: unknown): string[] {
  const lines: string[] = []
  // A chain of causes can refer to itself.
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    lines.push(...(at.stack ?? String(at)).split('\n').map(line => oneLine(line)))
  return lines
}

/** The object of `--json` for a failure. */
export function failureObject({ code, message, hint, blocked }: Failure): Record<string, unknown> {
  return { error: { code, message: oneLine(message), ...(hint ? { hint: oneLine(hint) } : {}), ...blocked } }
}
