import { FilesFullError } from '../files/errors.js'
import { ClosingError, JobCancelledError, JobFailedError, QueueFullError, RateLimitedError } from '../jobs/errors.js'
import type { JobFailure } from '../jobs/types.js'

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'server_error'

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 429 | 499 | 500 | 503

const types: Readonly<Record<ErrorStatus, ErrorType>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  408: 'invalid_request_error',
  409: 'invalid_request_error',
  413: 'invalid_request_error',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  499: 'invalid_request_error',
  500: 'server_error',
  503: 'server_error',
}

/** The body of every error, as OpenAI has it. */
export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: ErrorType
    readonly param: string | null
    readonly code: string
  }
}

/** An error that a client is told of. */
export class HttpError extends Error {
  constructor(
    readonly status: ErrorStatus,
    readonly code: string,
    message: string,
    readonly extra: { readonly param?: string; readonly retryAfter?: number; readonly viscpm?: unknown } = {},
  ) {
    super(message)
    this.name = 'HttpError'
  }

  get body(): ErrorBody & { readonly viscpm?: unknown } {
    const { param = null, viscpm } = this.extra
    const error = { message: this.message, type: types[this.status], param, code: this.code }
    return { error, ...(viscpm !== undefined && { viscpm }) }
  }
}

export const badRequest = (param: string, message: string, code = 'invalid_request'): HttpError =>
  new HttpError(400, code, message, { param })

const failureStatus: Readonly<Record<string, ErrorStatus>> = {
  model_unavailable: 503,
  model_crashed: 500,
  model_error: 500,
  internal_error: 500,
  worker_lost: 500,
  job_expired: 404,
  cancelled: 499,
}

/** What a failed job is in HTTP. */
export function failureError({ code, message, param, safety }: JobFailure): HttpError {
  return new HttpError(failureStatus[code] ?? 400, code, message, {
    ...(param !== undefined && { param }),
    ...(safety && { viscpm: { safety } }),
  })
}

/** Whatever was thrown as an error with a fixed text. */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof JobFailedError) return failureError(error.failure)
  if (error instanceof RateLimitedError)
    return new HttpError(429, 'rate_limit_exceeded', 'Too many requests of this key. Try again later.', {
      retryAfter: error.retryAfter,
    })
  if (error instanceof FilesFullError)
    return new HttpError(429, 'too_many_files', 'Too many files are kept. Delete some, or try again later.', {
      retryAfter: error.retryAfter,
    })
  if (error instanceof QueueFullError)
    return new HttpError(429, 'queue_full', 'Too many requests are waiting. Try again later.', {
      retryAfter: error.retryAfter,
    })
  if (error instanceof ClosingError)
    return new HttpError(503, 'shutting_down', 'The server is shutting down.', { retryAfter: 10 })
  if (error instanceof JobCancelledError) return new HttpError(499, 'cancelled', 'The job was cancelled.')
  return new HttpError(500, 'internal_error', 'Something went wrong in the server.')
}
