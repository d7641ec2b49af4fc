import type { OnProgress } from '@viscpm/core'

/** Each report is a message between processes: of one phase, the first, the last and those that are this many milliseconds apart go. */
export function sparseProgress(
  onProgress: OnProgress,
  apart = 100,
  now: () => number = () => performance.now(),
): OnProgress {
  let [phase, told] = ['', 0]
  return progress => {
    const at = now()
    const last = progress.total !== undefined && progress.done >= progress.total
    if (progress.phase === phase && !last && at - told < apart) return
    phase = progress.phase
    told = at
    onProgress(progress)
  }
}
