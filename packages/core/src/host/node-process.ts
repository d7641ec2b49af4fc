import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromHost, HostTransport } from './messages.js'
import { hostEntry } from './node-entry.js'

/**
 * Lets glibc give memory back as it is freed: it would else keep most of a network's weights after the network is gone, since
 * it takes small allocations from the same heap once larger ones were freed (mallopt(3), M_TRIM_THRESHOLD).
 */
export const returningMemory: Readonly<Record<string, string>> = { MALLOC_TRIM_THRESHOLD_: '131072' }

/** A hosted child process: survives nothing of ours and we survive it; all its memory comes back when it ends. */
export function processTransport(): HostTransport {
  // Its stdout goes to our stderr: stdout belongs to the program's own results.
  const child = fork(fileURLToPath(hostEntry), {
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
    env: { ...returningMemory, ...process.env },
  })
  const setBusy = (busy: boolean): void => {
    for (const handle of [child, child.channel]) busy ? handle?.ref() : handle?.unref()
  }
  setBusy(false)
  const exited = new Promise<{ reason: string; cause?: unknown }>(resolve => {
    child.once('error', cause => resolve({ reason: `could not be started: ${cause.message}`, cause }))
    // 'close' and not 'exit': only then all that it had sent has arrived.
    child.once('close', (code, signal) =>
      resolve({ reason: signal ? `was killed (${signal})` : `ended by itself (exit code ${code})` }),
    )
  })
  return {
    exited,
    send(message) {
      // A channel that is already closed is not an error of this message: `exited` tells why.
      if (child.connected) child.send(message, () => {})
    },
    receive: listener => void child.on('message', message => listener(message as FromHost)),
    setBusy,
    kill: () => void child.kill('SIGKILL'),
  }
}
