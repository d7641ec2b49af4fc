import type { HostTransport } from '@viscpm/core/host'
import { ended } from './worker-messages.js'

/** The page's end of a worker. It can be ended in the middle of anything: browsers take all of it back. */
export function workerTransport(worker: Worker): HostTransport {
  let resolve: (end: { reason: string; cause?: unknown }) => void = () => {}
  const exited = new Promise<{ reason: string; cause?: unknown }>(settle => {
    resolve = settle
  })
  const end = (reason: string, cause?: unknown) => {
    worker.terminate()
    resolve({ reason, ...(cause !== undefined && { cause }) })
  }
  worker.addEventListener('error', ({ message, error }) =>
    end(message ? `died of an uncaught error: ${message}` : 'could not be started: its script did not load', error),
  )
  worker.addEventListener('messageerror', () => end('sent a message that cannot be read'))
  worker.addEventListener('message', ({ data }) => {
    if (data === ended) end('ended by itself')
  })
  return {
    exited,
    send: (message, transfer) => worker.postMessage(message, { transfer: [...transfer] }),
    receive: listener =>
      worker.addEventListener('message', ({ data }) => {
        if (data !== ended) listener(data)
      }),
    setBusy: () => {}, // a page lives as long as people look at it
    kill: () => end('was ended'),
  }
}
