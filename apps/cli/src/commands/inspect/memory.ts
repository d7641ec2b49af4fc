import { freemem, totalmem } from 'node:os'
import type { WeightSource } from '@viscpm/core'
import { itemSize } from '@viscpm/core'
import type { CheckpointReport } from '@viscpm/core/weights'

/** Bytes. */
export interface Memory {
  readonly total: number
  readonly free: number
}

/** The runtime itself, activations and cache of an ordinary conversation. */
const overhead = 400 * 2 ** 20

/** Memory of this machine, or of the container it is. */
export function machineMemory(): Memory {
  const limit = process.constrainedMemory?.() ?? 0
  // Without a limit some systems report 0, others a number beyond any machine.
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  const available = (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem()
  return { total, free: Math.min(total, available) }
}

export interface MemoryNeed {
  /** Half-precision weights are widened once, when loaded. */
  readonly float32: number
  /** Weights stay as they are stored. Absent where that is the same. */
  readonly keepHalf?: number
}

const halves: ReadonlySet<string> = new Set(['float16', 'bfloat16'])

/** What running the checkpoint takes, from its keys: an estimate. */
export function memoryNeed(source: WeightSource, report: CheckpointReport): MemoryNeed {
  const unused = new Set(report.ignored.map(({ key }) => key))
  let asStored = overhead
  let widened = overhead
  for (const key of source.keys()) {
    if (unused.has(key)) continue
    const { dtype, nbytes } = source.info(key)
    asStored += nbytes
    widened += halves.has(dtype) ? (nbytes / itemSize(dtype)) * 4 : nbytes
  }
  return widened === asStored ? { float32: widened } : { float32: widened, keepHalf: asStored }
}

export type Fit = 'fits' | 'fitsTight' | 'doesNotFit'

export function fit(need: number, { total, free }: Memory): Fit {
  return need <= free ? 'fits' : need <= total * 0.95 ? 'fitsTight' : 'doesNotFit'
}
