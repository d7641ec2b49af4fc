import { Worker } from 'node:worker_threads'
import type { HostTransport } from './messages.js'
import { hostEntry } from './node-entry.js'

/** A hosted worker thread: cheap to start, buffers can be moved. Never terminated from outside: see `kill`. */
export function workerTransport(): HostTransport {
  const worker = new Worker(hostEntry)
  worker.unref()
  const exited = new Promise<{ reason: string; cause?: unknown }>(resolve => {
    worker.once('error', cause => resolve({ reason: `died of an uncaught error: ${cause?.message ?? cause}`, cause }))
    worker.once('messageerror', cause => resolve({ reason: 'sent a message that cannot be read', cause }))
    worker.once('exit', code => resolve({ reason: `ended by itself (exit code ${code})` }))
  })
  return {
    exited,
    send: (message, transfer) => worker.postMessage(message, transfer),
    receive: listener => void worker.on('message', listener),
    setBusy: busy => (busy ? worker.ref() : worker.unref()),
  }
}
