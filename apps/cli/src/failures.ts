import { isVisCPMError } from '@viscpm/core'
import { exitCodes } from './exit-codes.js'
import type { Messages } from './messages/types.js'
import { type BlockedFields, blockedFields, blockedText } from './safety/blocked.js'

/** The command line is wrong. The message is in the user's language already. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Something outside the libraries failed; the message is in the user's language already. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
    override readonly cause?: unknown,
  ) {
    super(message)
    this.name = 'CommandError'
  }
}

/** Ctrl-C. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

/** An error as a user is told of it. */
export interface Failure {
  readonly exitCode: number
  /** Stable code for programs: those of @viscpm/core, and USAGE, INTERRUPTED, FAILED. */
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** What was decided about something that a checker blocked. */
  readonly blocked?: BlockedFields
}

const systemErrors: Readonly<Record<string, keyof Messages['systemErrors']>> = {
  ENOENT: 'notFound',
  EISDIR: 'isFolder',
  EACCES: 'noPermission',
  EPERM: 'noPermission',
  ENOSPC: 'diskFull',
  EMFILE: 'tooManyFiles',
  ENOMEM: 'noMemory',
}

/** Finds exit code, message and hint of whatever was thrown. */
export function describeFailure(error: unknown, t: Messages): Failure {
  if (error instanceof Interrupted)
    return { exitCode: exitCodes.interrupted, code: 'INTERRUPTED', message: t.errors.interrupted }
  if (error instanceof UsageError)
    return { exitCode: exitCodes.usage, code: 'USAGE', message: error.message, ...hint(error.hint) }
  if (error instanceof CommandError)
    return { exitCode: exitCodes.error, code: 'FAILED', message: error.message, ...hint(error.hint) }
  if (isVisCPMError(error)) {
    const { code } = error
    if (code === 'BLOCKED') {
      const { message = t.errors.library(t.errorKinds[code], error.message), hint } = blockedText(error, t)
      return { exitCode: exitCodes.blocked, code, message, hint, blocked: blockedFields(error) }
    }
    const exitCode = code === 'INVALID_ARGUMENT' ? exitCodes.usage : exitCodes.error
    return { exitCode, code, message: t.errors.library(t.errorKinds[code], error.message), ...hint(error.hint) }
  }
  if (!(error instanceof Error))
    return { exitCode: exitCodes.error, code: 'FAILED', message: t.errors.unexpected(String(error)) }
  const { code, path } = error as NodeJS.ErrnoException
  const known = code === undefined ? undefined : systemErrors[code]
  const message = known ? `${path ? `${path}: ` : ''}${t.systemErrors[known]}` : t.errors.unexpected(error.message)
  return { exitCode: exitCodes.error, code: 'FAILED', message, ...(known ? {} : hint(t.errors.unexpectedHint)) }
}

function hint(text: string | undefined): { hint?: string } {
  return text === undefined ? {} : { hint: text }
}
