import { median } from '../statistics.js'
import type { Prediction } from './report.js'
import type { FullRun, FullSizes } from './rows.js'
import { assumedMachines, errorOf, fitCost, predictMs } from './scaling.js'
import type { OursTimes } from './sides.js'

/**
 * Share of a step that is not products or attention: 4 % of one of four layers by onnxruntime's profile, of a prefill 1 %.
 */
const serialShare = { decode: 0.04, prefill: 0.01 }

const workloads = [
  { what: 'decode, 1 beam', of: (t: OursTimes) => t.decodeMs, serial: serialShare.decode },
  { what: 'step of 3 beams', of: (t: OursTimes) => t.threeBeamsMs, serial: serialShare.decode },
  { what: 'prefill of 128 tokens', of: (t: OursTimes) => t.prefill128Ms, serial: serialShare.prefill },
  { what: 'prefill of picture and question', of: (t: OursTimes) => t.prefill104Ms, serial: serialShare.prefill },
]

/** Fits the medians of all runs, checks the fit against one thread, and says what other machines would do. */
export function scalingOf(
  runs: readonly FullRun[],
  { bytesPerStep: bytes }: FullSizes,
  threads: number,
  single: { times: OursTimes; gbPerSecond: number } | undefined,
): Prediction[] {
  const gbPerSecond = median(runs.map(run => run.memoryGbPerSecond))
  const fitted = workloads.map(({ what, of, serial }) => {
    const ms = median(runs.map(run => of(run.ours)))
    return { what, of, ms, cost: fitCost({ threads, ms, bytes, gbPerSecond }, serial) }
  })
  const here = {
    machine: `this machine, ${threads} threads (measured)`,
    times: fitted.map(({ what, ms }) => ({ what, ms })),
  }
  const check = single && {
    machine: 'this machine, 1 thread (predicted; in brackets how far from measured)',
    times: fitted.map(({ what, of, cost }) => ({
      what,
      ms: predictMs(cost, 1, single.gbPerSecond),
      error: errorOf(cost, { threads: 1, ms: of(single.times), bytes, gbPerSecond: single.gbPerSecond }),
    })),
  }
  const others = assumedMachines.map(({ name, cores, gbPerSecond: speed }) => ({
    machine: `${name}, taken to read ${speed} GB/s`,
    times: fitted.map(({ what, cost }) => ({ what, ms: predictMs(cost, cores, speed) })),
  }))
  return [here, ...(check ? [check] : []), ...others]
}
