import type { Context } from 'hono'
import type { AppEnv } from './context.js'
import { asHttpError } from './errors.js'

/** Something to be sent; OpenAI's chat has no event names. */
export interface ServerEvent {
  readonly event?: string
  /** JSON, or a text as it is. */
  readonly data: unknown
}

/** Milliseconds between two comments that keep a connection open while nothing happens. */
const pingMs = 15_000

const encoder = new TextEncoder()

const line = ({ event, data }: ServerEvent): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

/** How long an answer may wait for its first event, so that what fails at once has a status of its own. */
const graceMs = 1000

/**
 * Answers with events as they come, taken one by one, as fast as the client reads. An error in the middle is the last event.
 * @param leave called when the client leaves
 * @throws what the iteration throws within a second
 */
export async function eventStream(
  c: Context<AppEnv>,
  events: AsyncIterator<ServerEvent>,
  leave: () => unknown,
): Promise<Response> {
  let [left, cancelled] = [false, false]
  let pinging: NodeJS.Timeout | undefined
  const stop = () => {
    left = true
    clearInterval(pinging)
    void (async () => leave())().catch(() => {})
    // Where nobody asks for the next event, nothing else ends it, and whatever it listens to would be kept for it.
    void (async () => events.return?.())().catch(() => {})
  }
  c.req.raw.signal.addEventListener('abort', stop, { once: true })
  let first: Promise<IteratorResult<ServerEvent>> | undefined = events.next()
  await soon(first)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (left) return
      pinging = setInterval(() => {
        if (!left && (controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': ping\n\n'))
      }, pingMs).unref()
    },
    async pull(controller) {
      let done = false
      try {
        const next = await (first ?? events.next())
        first = undefined
        if (next.done) done = true
        else if (!left) controller.enqueue(encoder.encode(line(next.value)))
      } catch (error) {
        done = true
        if (!left) controller.enqueue(encoder.encode(line({ event: 'error', data: asHttpError(error).body })))
      }
      if (!done) return
      clearInterval(pinging)
      c.req.raw.signal.removeEventListener('abort', stop)
      if (!cancelled) controller.close()
    },
    cancel() {
      cancelled = true
      stop()
    },
  })
  return c.body(body, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
}

/** Waits for a promise, but not for long. @throws what it rejects with by then */
async function soon(promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, graceMs)
  })
  // What rejects later is told when it is read.
  promise.catch(() => {})
  await Promise.race([promise, late])
  clearTimeout(timer)
}
