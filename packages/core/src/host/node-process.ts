import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromHost, HostTransport } from './messages.js'
import { hostEntry } from './node-entry.js'

/** A hosted child process: survives nothing of ours and we survive it; all its memory comes back when it ends. */
export function processTransport(): HostTransport {
  // Its stdout goes to our stderr: stdout belongs to the program's own results.
  const child = fork(fileURLToPath(hostEntry), { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] })
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
