import { answerOf, type Ended } from './viscpm.js'

/**
 * How a run under a limit ended: it fitted; it was refused before it began; it failed, with an error that says something else; or
 * it was killed in the middle, by the system or by a library that got no memory.
 */
export type Outcome = 'fits' | 'refused' | 'failed' | 'killed'

/** Codes of errors by which a thread that is gone is told. */
const crashes: ReadonlySet<string> = new Set(['HOST_CRASHED'])

/** @param ended of a run with --json */
export function outcomeOf(ended: Pick<Ended, 'code' | 'signal' | 'stdout'>): Outcome {
  // A shell or wrapper tells the signal of its child as 128 and its number.
  if (ended.signal !== null || (ended.code ?? 0) > 128) return 'killed'
  if (ended.code === 0) return 'fits'
  const code = answerOf(ended).error?.code
  if (code === 'INSUFFICIENT_MEMORY') return 'refused'
  return code !== undefined && !crashes.has(code) ? 'failed' : 'killed'
}

/** Whether a limit was kept as it should be. */
export const isGood = (outcome: Outcome): boolean => outcome === 'fits' || outcome === 'refused'
