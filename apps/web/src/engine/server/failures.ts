import { EngineError, type EngineErrorCode } from '../errors.js'
import type { SafetyNote } from '../types.js'
import { field, textOf } from './fields.js'
import { safetyOf } from './safety.js'

const blocked = /content_policy|content_filter|moderation|blocked/i

/** An answer that is none, as an error. @param withKey whether a key was sent */
export async function failureOf(response: Response, withKey: boolean): Promise<EngineError> {
  const body: unknown = await response.json().catch(() => undefined)
  const error = field(body, 'error')
  const message = textOf(field(error, 'message')) ?? `The server answered ${response.status}.`
  const code = codeOf(response.status, textOf(field(error, 'code')) ?? textOf(field(error, 'type')) ?? '', withKey)
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return new EngineError(code, message, {
    status: response.status,
    param: textOf(field(error, 'param')),
    retryAfter: Number.isFinite(wait) ? wait : undefined,
    safety: reported(body),
  })
}

/** The error that an event of a stream or of a failed job carries: { error, viscpm? }, or the error itself. */
export function failureIn(data: unknown): EngineError {
  const error = field(data, 'error') ?? field(data, 'failure') ?? data
  const code = textOf(field(error, 'code')) ?? textOf(field(error, 'type')) ?? ''
  const message = textOf(field(error, 'message')) ?? 'The server could not do it.'
  return new EngineError(codeOf(Number(field(error, 'status') ?? 0), code, false), message, {
    param: textOf(field(error, 'param')),
    safety: reported(data),
  })
}

function reported(body: unknown): readonly SafetyNote[] {
  return safetyOf(field(field(body, 'viscpm'), 'safety'))
}

function codeOf(status: number, code: string, withKey: boolean): EngineErrorCode {
  if (blocked.test(code)) return 'blocked'
  if (/context|too_long/i.test(code)) return 'too-long'
  // What was said so far stays, and cannot be gone on with.
  if (code === 'job_restarted') return 'broken'
  if (/queue_full|rate_limit/i.test(code)) return 'busy'
  if (/memory|closing|unavailable|not_ready/i.test(code)) return 'unavailable'
  if (status === 401) return withKey ? 'key-wrong' : 'key-needed'
  if (status === 413) return 'too-large'
  if (status === 429) return 'busy'
  if (status === 502 || status === 503 || status === 504) return 'unavailable'
  if (/model_not_found/i.test(code)) return 'no-model'
  if (status === 403) return 'failed'
  if ((status >= 400 && status < 500) || /invalid/i.test(code)) return 'invalid'
  return 'failed'
}
