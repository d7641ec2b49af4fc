import { parentPort } from 'node:worker_threads'
import type { Channel, FromHost, ToHost } from './messages.js'
import { serveHost } from './serve.js'

/** Runs first in a hosted thread or process. */
function channelToParent(): Channel<ToHost, FromHost> {
  if (parentPort) {
    const port = parentPort
    // Standard output belongs to the program's own results, not to what is printed here.
    Object.defineProperty(process, 'stdout', { get: () => process.stderr })
    return {
      send: (message, transfer) => port.postMessage(message, transfer),
      receive: f => void port.on('message', f),
    }
  }
  // Ctrl-C reaches the whole process group; whether it ends this process is for the parent to say.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  return {
    send(message) {
      // The callback keeps a parent that is already gone from becoming an uncaught error.
      process.send!(message, undefined, undefined, () => {})
    },
    receive: listener => void process.on('message', listener as (message: unknown) => void),
  }
}

serveHost(channelToParent(), { importModule: url => import(url), exit: () => process.exit() })
