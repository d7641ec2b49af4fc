import { exitCodes } from './exit-codes.js'
import type { Io } from './io.js'

export interface Ending {
  /** Resolves when it is to end. */
  readonly first: Promise<'end'>
  /** When it is to end at once; only where `asks` leaves room for that. */
  readonly second: Promise<void>
  release(): void
}

/**
 * What asks a service to end: Ctrl-C, and SIGTERM as supervisors send it.
 * @param asks how often it may be asked to; the next time the process ends where it is
 */
export function ending(io: Io, asks: 1 | 2): Ending {
  let [asked, end, now] = [0, () => {}, () => {}]
  const first = new Promise<'end'>(resolve => {
    end = () => resolve('end')
  })
  const second = new Promise<void>(resolve => {
    now = resolve
  })
  const ask = (): void => {
    asked++
    if (asked > asks) io.exitNow(exitCodes.interrupted)
    else if (asked === 1) end()
    else now()
  }
  const releases = [io.onInterrupt(ask), io.onTerminate?.(ask)]
  return {
    first,
    second,
    release() {
      for (const release of releases) release?.()
    },
  }
}
