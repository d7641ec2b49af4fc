const marker = Symbol.for('viscpm.error')

/** Stable codes: programs may switch on them; messages are for people and may change. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'FILE_NOT_FOUND'
  | 'FILE_FORMAT'
  | 'UNSAFE_PICKLE'
  | 'MISSING_KEY'
  | 'UNEXPECTED_KEY'
  | 'WRONG_SHAPE'
  | 'CONFIG'
  | 'VOCABULARY'
  | 'TOKENIZER'
  | 'IMAGE'
  | 'CONTEXT_TOO_LONG'
  | 'BLOCKED'
  | 'SESSION'
  | 'NON_FINITE'
  | 'HOST_CRASHED'
  | 'DISPOSED'
  | 'MISSING_DEPENDENCY'
  | 'WRITE_FAILED'
  | 'SOURCE_CHANGED'
  | 'INSUFFICIENT_MEMORY'
  | 'DOWNLOAD_FAILED'
  | 'OFFLINE'
  | 'LICENSE'
  | 'REMOTE_FAILED'

export interface ErrorFields {
  readonly message: string
  readonly cause?: unknown
  /** What the caller can do about it, one sentence. */
  readonly hint?: string
}

/** Base of all errors that a caller can act on. Compare with `isVisCPMError`, which works across installed copies. */
export abstract class VisCPMError extends Error {
  abstract readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = new.target.name
    this.hint = fields.hint
    Object.defineProperty(this, marker, { value: true })
  }
}

/** True for an error of any installed copy of viscpm, optionally of one code. */
export function isVisCPMError(error: unknown, code?: ErrorCode): error is VisCPMError {
  return error instanceof Error && marker in error && (code === undefined || ('code' in error && error.code === code))
}

/** An argument or option is wrong or not supported. */
export class InvalidArgumentError extends VisCPMError {
  readonly code = 'INVALID_ARGUMENT'
  readonly argument: string
  constructor(fields: ErrorFields & { argument: string }) {
    super({ ...fields, message: `${fields.argument}: ${fields.message}` })
    this.argument = fields.argument
  }
}

/** A file that was named does not exist or cannot be opened. */
export class FileNotFoundError extends VisCPMError {
  readonly code = 'FILE_NOT_FOUND'
  readonly file: string
  constructor(fields: ErrorFields & { file: string }) {
    super({ ...fields, message: `${fields.file}: ${fields.message}` })
    this.file = fields.file
  }
}

/** A file is not what it should be: wrong kind, truncated, lying about sizes. */
export class FileFormatError extends VisCPMError {
  readonly code = 'FILE_FORMAT'
  readonly file: string
  /** Byte offset of the fault, where known. */
  readonly offset: number | undefined
  constructor(fields: ErrorFields & { file: string; offset?: number }) {
    super({
      ...fields,
      message: `${fields.file}: ${fields.message}${fields.offset === undefined ? '' : ` (at byte ${fields.offset})`}`,
    })
    this.file = fields.file
    this.offset = fields.offset
  }
}

/** A pickle asks for something outside the allow-list. Nothing of it was executed. */
export class UnsafePickleError extends VisCPMError {
  readonly code = 'UNSAFE_PICKLE'
  readonly file: string
  /** The refused global (`os.system`) or opcode. */
  readonly refused: string
  readonly offset: number
  constructor(fields: ErrorFields & { file: string; refused: string; offset: number }) {
    super({ ...fields, message: `${fields.file}: ${fields.message} (at byte ${fields.offset} of the pickle)` })
    this.file = fields.file
    this.refused = fields.refused
    this.offset = fields.offset
  }
}

function listed(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).join(', ')
  return keys.length > 5 ? `${shown}, ... (${keys.length} in all)` : shown
}

/** Keys that the model needs are not in the checkpoint. */
export class MissingKeyError extends VisCPMError {
  readonly code = 'MISSING_KEY'
  readonly keys: readonly string[]
  constructor(fields: Partial<ErrorFields> & { keys: readonly string[]; file: string }) {
    super({ ...fields, message: fields.message ?? `${fields.file}: missing key ${listed(fields.keys)}` })
    this.keys = fields.keys
  }
}

/** Keys of the checkpoint that the model does not know. */
export class UnexpectedKeyError extends VisCPMError {
  readonly code = 'UNEXPECTED_KEY'
  readonly keys: readonly string[]
  constructor(fields: Partial<ErrorFields> & { keys: readonly string[]; file: string }) {
    super({ ...fields, message: fields.message ?? `${fields.file}: unexpected key ${listed(fields.keys)}` })
    this.keys = fields.keys
  }
}

/** A tensor's shape is not the one that the configuration gives. */
export class WrongShapeError extends VisCPMError {
  readonly code = 'WRONG_SHAPE'
  readonly key: string
  readonly expected: readonly number[]
  readonly actual: readonly number[]
  constructor(
    fields: Partial<ErrorFields> & {
      key: string
      expected: readonly number[]
      actual: readonly number[]
      file?: string
    },
  ) {
    super({
      ...fields,
      message:
        fields.message ??
        `${fields.file ? `${fields.file}: ` : ''}${fields.key} has shape [${fields.actual}], the configuration asks for [${fields.expected}]`,
    })
    this.key = fields.key
    this.expected = fields.expected
    this.actual = fields.actual
  }
}

/** A configuration file or object lacks a field or has a wrong one. */
export class ConfigError extends VisCPMError {
  readonly code = 'CONFIG'
  readonly field: string
  constructor(fields: ErrorFields & { field: string }) {
    super({ ...fields, message: `${fields.field}: ${fields.message}` })
    this.field = fields.field
  }
}

/** The vocabulary file is missing, broken, or not the model's. */
export class VocabularyError extends VisCPMError {
  readonly code = 'VOCABULARY'
}

/** Text in upstream's raw syntax that cannot be tokenized or packed. */
export class TokenizerError extends VisCPMError {
  readonly code = 'TOKENIZER'
}

/** A picture cannot be decoded, or is too large. */
export class ImageError extends VisCPMError {
  readonly code = 'IMAGE'
}

/** The input alone is longer than the context allows. */
export class ContextTooLongError extends VisCPMError {
  readonly code = 'CONTEXT_TOO_LONG'
  readonly length: number
  readonly limit: number
  constructor(fields: Partial<ErrorFields> & { length: number; limit: number }) {
    super({
      ...fields,
      message: fields.message ?? `the input has ${fields.length} tokens, the limit is ${fields.limit}`,
    })
    this.length = fields.length
    this.limit = fields.limit
  }
}

/** A safety checker blocked the input or output; no model saw what was blocked. */
export class BlockedError extends VisCPMError {
  readonly code = 'BLOCKED'
  readonly verdicts: readonly unknown[]
  constructor(fields: ErrorFields & { verdicts: readonly unknown[] }) {
    super(fields)
    this.verdicts = fields.verdicts
  }
}

/** The runtime failed to create or run a session. */
export class SessionError extends VisCPMError {
  readonly code = 'SESSION'
}

/** Weights or results hold NaN or infinity. */
export class NonFiniteError extends VisCPMError {
  readonly code = 'NON_FINITE'
}

/** The worker or process that hosted the pipeline died. */
export class HostCrashedError extends VisCPMError {
  readonly code = 'HOST_CRASHED'
}

/** The object was used after `dispose()`. */
export class DisposedError extends VisCPMError {
  readonly code = 'DISPOSED'
}

/** An optional package that this path needs is not installed. */
export class MissingDependencyError extends VisCPMError {
  readonly code = 'MISSING_DEPENDENCY'
  readonly dependency: string
  constructor(fields: ErrorFields & { dependency: string }) {
    super(fields)
    this.dependency = fields.dependency
  }
}

/** Writing failed; nothing was left half-written under the final name. */
export class WriteFailedError extends VisCPMError {
  readonly code = 'WRITE_FAILED'
  readonly file: string
  constructor(fields: ErrorFields & { file: string }) {
    super({ ...fields, message: `${fields.file}: ${fields.message}` })
    this.file = fields.file
  }
}

/** A file changed while, or since, something was made of it. */
export class SourceChangedError extends VisCPMError {
  readonly code = 'SOURCE_CHANGED'
  readonly file: string
  constructor(fields: ErrorFields & { file: string }) {
    super({ ...fields, message: `${fields.file}: ${fields.message}` })
    this.file = fields.file
  }
}

/** A model would not fit into the memory that it may take; nothing of it was loaded. Bytes, estimated. */
export class InsufficientMemoryError extends VisCPMError {
  readonly code = 'INSUFFICIENT_MEMORY'
  readonly needed: number
  readonly available: number
  constructor(fields: ErrorFields & { needed: number; available: number }) {
    super(fields)
    this.needed = fields.needed
    this.available = fields.available
  }
}

/** A file could not be fetched, or none of its sources gave the right one. What came so far is kept for the next try. */
export class DownloadError extends VisCPMError {
  readonly code = 'DOWNLOAD_FAILED'
  readonly file: string
  /** HTTP status of the last answer, where there was one. */
  readonly status: number | undefined
  constructor(fields: ErrorFields & { file: string; status?: number }) {
    super({ ...fields, message: `${fields.file}: ${fields.message}` })
    this.file = fields.file
    this.status = fields.status
  }
}

/** Something would need the network, and the offline switch is on. No connection was made. */
export class OfflineError extends VisCPMError {
  readonly code = 'OFFLINE'
}

/** A model's license was not accepted yet; nothing was downloaded. */
export class LicenseError extends VisCPMError {
  readonly code = 'LICENSE'
  readonly model: string
  /** Its short name. */
  readonly license: string
  /** What is asked, for whoever can show it: '@viscpm/models' makes it a LicenseQuestion. */
  readonly question: unknown
  constructor(fields: ErrorFields & { model: string; license: string; question?: unknown }) {
    super({ ...fields, message: `${fields.model}: ${fields.message}` })
    this.model = fields.model
    this.license = fields.license
    this.question = fields.question
  }
}

/** A service elsewhere that was asked did not answer, or not as it should. */
export class RemoteError extends VisCPMError {
  readonly code = 'REMOTE_FAILED'
  readonly url: string
  /** HTTP status of the last answer, where there was one. */
  readonly status: number | undefined
  constructor(fields: ErrorFields & { url: string; status?: number }) {
    super({ ...fields, message: `${fields.url}: ${fields.message}` })
    this.url = fields.url
    this.status = fields.status
  }
}
