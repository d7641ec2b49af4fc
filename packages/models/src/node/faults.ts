import { isVisCPMError } from '@viscpm/core'
import type { Answer } from './client.js'

/** Something that another try, or another source, may cure. */
export class Fault extends Error {
  constructor(
    message: string,
    readonly kind: FaultKind,
    readonly details: { readonly status?: number; readonly retryAfter?: number } = {},
  ) {
    super(message)
  }
}

/**
 * 'again': the connection or server failed; 'unreachable': nobody answers there; 'lie': the answer is not to the question, and
 * nothing of it was used; 'source': this source will not give the file.
 */
export type FaultKind = 'again' | 'unreachable' | 'lie' | 'source'

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What went wrong, as a fault; errors that no other try cures are thrown. */
export function faultOf(error: unknown, signal: AbortSignal | undefined): Fault {
  if (signal?.aborted) throw signal.reason
  if (error instanceof Fault) return error
  if (isVisCPMError(error)) throw error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT')
    return new Fault('the connection is silent', 'again')
  return new Fault(message || code, unreachable.has(code) ? 'unreachable' : 'again')
}

const retryable = new Set([408, 425, 429, 500, 502, 503, 504])

/** The fault of an answer that is neither a file nor a part of one. */
export function statusFault(answer: Answer): Fault {
  const { status } = answer
  if (retryable.has(status)) {
    const retryAfter = retryAfterOf(answer.header('retry-after'))
    return new Fault(`the server answers ${status}`, 'again', {
      status,
      ...(retryAfter !== undefined && { retryAfter }),
    })
  }
  const why =
    status === 401 || status === 403
      ? `the server answers ${status}: it wants a token (HF_TOKEN), or its conditions to be accepted on the model's page`
      : `the server answers ${status}`
  return new Fault(why, 'source', { status })
}

const longestWait = 300_000

/** Milliseconds. */
export function retryAfterOf(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), longestWait)
}
