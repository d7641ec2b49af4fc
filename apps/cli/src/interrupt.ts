import { exitCodes } from './exit-codes.js'
import { Interrupted } from './failures.js'
import type { Io } from './io.js'

/**
 * Runs something that Ctrl-C stops. A second Ctrl-C, while the first is still being obeyed, ends the process.
 * @throws Interrupted
 */
export async function interruptible<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const release = io.onInterrupt(() => {
    if (stop.signal.aborted) io.exitNow(exitCodes.interrupted)
    else stop.abort(new Interrupted())
  })
  try {
    const result = await work(stop.signal)
    stop.signal.throwIfAborted()
    return result
  } catch (error) {
    // The reason may have crossed a thread and come back as another error.
    throw stop.signal.aborted ? new Interrupted() : error
  } finally {
    release()
  }
}
