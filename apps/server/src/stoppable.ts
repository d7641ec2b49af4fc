/** The promise, or the signal's reason as soon as it is aborted: for what cannot be told to stop. */
export async function stoppable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {}) // what fails when nobody waits any more is nobody's
  signal.throwIfAborted()
  let onAbort = () => {}
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
      }),
    ])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
