/** Lets timers, streams and aborts have their turn: a run of a model blocks its thread. */
export function pause(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, 0)
  })
}
