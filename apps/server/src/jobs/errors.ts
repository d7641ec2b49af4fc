import type { JobFailure } from './types.js'

/** No more jobs are taken in for now: too many wait, or their owner sends too many. */
export class QueueFullError extends Error {
  readonly code: 'QUEUE_FULL' | 'RATE_LIMITED' = 'QUEUE_FULL'
  /** Seconds after which to try again. */
  readonly retryAfter: number
  constructor(message: string, retryAfter: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'QueueFullError'
    this.retryAfter = retryAfter
  }
}

/** Their owner sends more jobs than it may. */
export class RateLimitedError extends QueueFullError {
  override readonly code = 'RATE_LIMITED'
  constructor(retryAfter: number) {
    super('too many jobs of one owner', retryAfter)
    this.name = 'RateLimitedError'
  }
}

/** The queue is being closed. */
export class ClosingError extends Error {
  readonly code = 'CLOSING'
  constructor(message: string = 'the queue is closing and takes in no more jobs') {
    super(message)
    this.name = 'ClosingError'
  }
}

/** A job failed; `failure` is what a client may know of it. */
export class JobFailedError extends Error {
  readonly code = 'JOB_FAILED'
  readonly failure: JobFailure
  constructor(failure: JobFailure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'JobFailedError'
    this.failure = failure
  }
}

/** A job was cancelled by its owner. */
export class JobCancelledError extends Error {
  readonly code = 'JOB_CANCELLED'
  constructor(message: string = 'the job was cancelled') {
    super(message)
    this.name = 'JobCancelledError'
  }
}
