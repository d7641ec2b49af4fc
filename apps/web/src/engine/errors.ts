import type { SafetyNote } from './types.js'

/** What went wrong, as the page can act on it. */
export type EngineErrorCode =
  /** Nobody answers. */
  | 'away'
  /** The connection broke in the middle. */
  | 'broken'
  | 'key-needed'
  | 'key-wrong'
  /** Too much is waiting, or too much was asked in a short time: `retryAfter` says when to try again. */
  | 'busy'
  /** The server is being stopped or a model is not loaded yet. */
  | 'unavailable'
  | 'no-model'
  /** In the browser itself: the model's files were never loaded, and cannot be now. */
  | 'not-loaded'
  /** A safety checker said no: `safety` says which and why. */
  | 'blocked'
  /** A field of the request is wrong: `param`. */
  | 'invalid'
  | 'too-large'
  | 'too-long'
  | 'failed'

export interface EngineErrorDetails {
  /** Seconds. */
  readonly retryAfter?: number | undefined
  readonly param?: string | undefined
  /** HTTP status, where there is one. */
  readonly status?: number | undefined
  /** With 'blocked': who said what. */
  readonly safety?: readonly SafetyNote[] | undefined
  readonly cause?: unknown
}

export class EngineError extends Error {
  readonly code: EngineErrorCode
  readonly retryAfter: number | undefined
  readonly param: string | undefined
  readonly status: number | undefined
  readonly safety: readonly SafetyNote[]

  constructor(code: EngineErrorCode, message: string, details: EngineErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'EngineError'
    this.code = code
    this.retryAfter = details.retryAfter
    this.param = details.param
    this.status = details.status
    this.safety = details.safety ?? []
  }
}

/** Codes of viscpm's own errors, which the engine in the browser throws as they are. */
const ownCodes: Readonly<Record<string, EngineErrorCode>> = {
  BLOCKED: 'blocked',
  CONTEXT_TOO_LONG: 'too-long',
  FILE_NOT_FOUND: 'not-loaded',
  INVALID_ARGUMENT: 'invalid',
  IMAGE: 'invalid',
  INSUFFICIENT_MEMORY: 'unavailable',
}

/** Whatever an engine threw, as an EngineError. */
export function asEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = thrown instanceof Error && 'code' in thrown ? ownCodes[String(thrown.code)] : undefined
  const param = thrown instanceof Error && 'argument' in thrown ? String(thrown.argument) : undefined
  return new EngineError(code ?? 'failed', message, { param, cause: thrown })
}

export function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (thrown instanceof Error && thrown.name === 'AbortError')
}
