import { asEngineError } from '../engine/errors.js'
import type { Failure } from './conversation.js'

/** What can be kept and told of whatever was thrown. */
export function failureOf(thrown: unknown): Failure {
  const { code, message, param, retryAfter, safety } = asEngineError(thrown)
  return {
    code,
    message,
    safety,
    ...(param === undefined ? {} : { param }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
