import * as errors from '../errors.js'

/** An error as plain data. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** Which class to restore: one of ours by code, a built-in or DOMException by name; else a plain Error. */
  readonly family: 'viscpm' | 'dom' | 'error' | 'value'
  /** Own fields besides the standard ones; the thrown value itself for the family 'value'. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause?: WireError
}

const classes: Record<errors.ErrorCode, { readonly prototype: errors.VisCPMError }> = {
  INVALID_ARGUMENT: errors.InvalidArgumentError,
  FILE_NOT_FOUND: errors.FileNotFoundError,
  FILE_FORMAT: errors.FileFormatError,
  UNSAFE_PICKLE: errors.UnsafePickleError,
  MISSING_KEY: errors.MissingKeyError,
  UNEXPECTED_KEY: errors.UnexpectedKeyError,
  WRONG_SHAPE: errors.WrongShapeError,
  CONFIG: errors.ConfigError,
  VOCABULARY: errors.VocabularyError,
  TOKENIZER: errors.TokenizerError,
  IMAGE: errors.ImageError,
  CONTEXT_TOO_LONG: errors.ContextTooLongError,
  BLOCKED: errors.BlockedError,
  SESSION: errors.SessionError,
  NON_FINITE: errors.NonFiniteError,
  HOST_CRASHED: errors.HostCrashedError,
  DISPOSED: errors.DisposedError,
  MISSING_DEPENDENCY: errors.MissingDependencyError,
  WRITE_FAILED: errors.WriteFailedError,
  SOURCE_CHANGED: errors.SourceChangedError,
  INSUFFICIENT_MEMORY: errors.InsufficientMemoryError,
  DOWNLOAD_FAILED: errors.DownloadError,
  OFFLINE: errors.OfflineError,
  LICENSE: errors.LicenseError,
  REMOTE_FAILED: errors.RemoteError,
}

const builtIns: Readonly<Record<string, { readonly prototype: Error }>> = {
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
}

const marker = Symbol.for('viscpm.error')
const maxCauses = 8

function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return String(value)
  }
}

/** An error, or anything else that was thrown, as data that any channel carries. */
export function toWire(thrown: unknown, depth: number = 0): WireError {
  if (!(thrown instanceof Error))
    return { name: 'Error', message: String(thrown), family: 'value', fields: { value: cloneable(thrown) } }
  const { name, message, stack, cause, ...rest } = thrown as Error & Record<string, unknown>
  const dom = typeof DOMException !== 'undefined' && thrown instanceof DOMException
  return {
    name: thrown.name,
    message: thrown.message,
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
    family: errors.isVisCPMError(thrown) ? 'viscpm' : dom ? 'dom' : 'error',
    fields: Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, cloneable(value)])),
    ...(thrown.cause === undefined || depth >= maxCauses ? {} : { cause: toWire(thrown.cause, depth + 1) }),
  }
}

/** What `toWire` was given: same class, message, fields, causes and stack. */
export function fromWire(wire: WireError): unknown {
  if (wire.family === 'value') return wire.fields.value
  if (wire.family === 'dom') return new DOMException(wire.message, wire.name)
  const options = wire.cause ? { cause: fromWire(wire.cause) } : undefined
  const error = new Error(wire.message, options)
  const kind = wire.family === 'viscpm' ? classes[wire.fields.code as errors.ErrorCode] : builtIns[wire.name]
  if (kind) Object.setPrototypeOf(error, kind.prototype)
  const hidden = (value: unknown) => ({ value, enumerable: false, configurable: true, writable: true })
  if (wire.family !== 'viscpm' && error.name !== wire.name) Object.defineProperty(error, 'name', hidden(wire.name))
  if (wire.stack !== undefined) Object.defineProperty(error, 'stack', hidden(wire.stack))
  if (wire.family === 'viscpm')
    Object.defineProperty(Object.assign(error, { name: wire.name }), marker, { value: true })
  return Object.assign(error, wire.fields)
}
