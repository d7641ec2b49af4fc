import { RemoteError } from '@viscpm/core'

export interface AskOptions {
  /** Milliseconds for one try, its reply included. Default 120,000. */
  readonly timeout?: number
  /** Tries after the first. Default 6. */
  readonly retries?: number
  /** Milliseconds before the second try, doubled for each further one, up to a minute. Default 1000. */
  readonly firstWait?: number
}

/** What one try came to. `retryAfter` is the header of that name. */
export type Attempt<T> =
  | { readonly value: T }
  | { readonly error: RemoteError; readonly again: boolean; readonly retryAfter?: string | null }

const longestWait = 60_000
/** A server may ask for more patience than one has by oneself. */
const longestAsked = 300_000

/**
 * Tries until it succeeds, must not be tried again, or was tried often enough. A try that throws may be tried again.
 * @param url what errors call it
 * @throws RemoteError with the last fault; the signal's reason
 */
export async function askWithRetries<T>(
  url: string,
  attempt: (signal: AbortSignal) => Promise<Attempt<T>>,
  { timeout = 120_000, retries = 6, firstWait = 1000 }: AskOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted()
    const done = await once(url, attempt, timeout, signal)
    if ('value' in done) return done.value
    if (!done.again) throw done.error
    if (tried > retries) throw givenUp(url, done.error, tried)
    await sleep(waitFor(done.retryAfter, firstWait * 2 ** (tried - 1)), signal)
  }
}

async function once<T>(
  url: string,
  attempt: (signal: AbortSignal) => Promise<Attempt<T>>,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Attempt<T>> {
  const late = AbortSignal.timeout(timeout)
  try {
    return await attempt(signal ? AbortSignal.any([signal, late]) : late)
  } catch (cause) {
    signal?.throwIfAborted()
    const message = late.aborted ? `no answer within ${timeout / 1000} s` : reasonOf(cause)
    return { error: new RemoteError({ url, message, cause }), again: true }
  }
}

/** fetch hides in `cause` what failed. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message || (cause as { code?: string }).code}` : message
}

function givenUp(url: string, error: RemoteError, tried: number): RemoteError {
  const { status } = error
  const message = `${error.message.slice(url.length + 2)} (tried ${tried} times)`
  const hint = 'What was judged so far is kept: the same command goes on from there.'
  return new RemoteError({ url, message, hint, cause: error, ...(status !== undefined && { status }) })
}

/** Milliseconds; those asked for, else the given ones with up to half as much again, so that clients do not march in step. */
function waitFor(retryAfter: string | null | undefined, wait: number): number {
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '') - Date.now()
  if (Number.isFinite(asked)) return Math.min(Math.max(asked, 0), longestAsked)
  return Math.min(wait, longestWait) * (1 + Math.random() / 2)
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
