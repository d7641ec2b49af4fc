import { InvalidArgumentError } from '../../errors.js'
import type { TaskOptions } from '../../progress.js'
import type { QuantizeOptions } from '../../quantize/options.js'
import { nearestRounding, type Rounding, searchRounding } from '../../quantize/rounding.js'
import { defaultWorkers } from './pool.js'

export interface WorkerOptions extends TaskOptions {
  /** Threads that convert; default: one more than there are cores. Any number gives the same bytes. */
  readonly workers?: number
}

export interface ConversionOptions extends QuantizeOptions, WorkerOptions {
  /** How scales are chosen. Default 'nearest'. */
  readonly rounding?: 'nearest' | 'search' | Rounding
  /** Replace a model that is there, and discard an unfinished conversion of something else. Default false. */
  readonly force?: boolean
}

/** @throws InvalidArgumentError */
export function roundingOf(rounding: ConversionOptions['rounding'] = 'nearest'): Rounding {
  if (typeof rounding === 'object') return rounding
  const found = [nearestRounding, searchRounding].find(({ name }) => name === rounding)
  if (found) return found
  throw new InvalidArgumentError({
    argument: 'rounding',
    message: `must be nearest or search, not ${String(rounding)}`,
  })
}

/** @throws InvalidArgumentError */
export function workersOf(workers: number = defaultWorkers()): number {
  if (Number.isInteger(workers) && workers >= 1 && workers <= 64) return workers
  throw new InvalidArgumentError({
    argument: 'workers',
    message: `must be a whole number from 1 to 64, not ${workers}`,
  })
}
