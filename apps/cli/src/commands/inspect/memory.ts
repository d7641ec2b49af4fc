import { freemem, totalmem } from 'node:os'
import type { WeightSource } from '@viscpm/core'
import { itemSize } from '@viscpm/core'
import type { CheckpointReport } from '@viscpm/core/weights'

/** Bytes. */
export interface Memory {
  readonly total: number
  readonly free: number
}

/** Node.js and the runtime, measured with the embedded model. */
const programBytes = 150 * 2 ** 20
/** Tokens of an ordinary conversation: what the cache is counted for. */
const cachedTokens = 1024

/** Keys and values of every layer, in float32. */
function cacheBytes({ numLayers = 0, dimModel = 0 }: CheckpointReport['sizes']): number {
  return numLayers * 2 * dimModel * 4 * cachedTokens
}

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
  /** Half-precision weights stay half and are widened one at a time, as they are used. Absent where it saves nothing. */
  readonly keepHalf?: number
}

const halves: ReadonlySet<string> = new Set(['float16', 'bfloat16'])

/** What running the checkpoint takes, from its keys: an estimate. */
export function memoryNeed(source: WeightSource, report: CheckpointReport): MemoryNeed {
  const unused = new Set(report.ignored.map(({ key }) => key))
  let asStored = programBytes + cacheBytes(report.sizes)
  let widened = asStored
  let largest = 0
  for (const key of source.keys()) {
    if (unused.has(key)) continue
    const { dtype, nbytes } = source.info(key)
    const half = halves.has(dtype)
    const wide = half ? (nbytes / itemSize(dtype)) * 4 : nbytes
    asStored += nbytes
    widened += wide
    if (half) largest = Math.max(largest, wide)
  }
  const keepHalf = asStored + largest
  return keepHalf < widened ? { float32: widened, keepHalf } : { float32: widened }
}

export type Fit = 'fits' | 'fitsTight' | 'doesNotFit'

export function fit(need: number, { total, free }: Memory): Fit {
  return need <= free ? 'fits' : need <= total * 0.95 ? 'fitsTight' : 'doesNotFit'
}
