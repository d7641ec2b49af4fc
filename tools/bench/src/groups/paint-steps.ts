import type { Peer } from '../peer.js'
import { both, endSides, startSides } from '../peers.js'
import type { Timing } from '../protocol.js'
import { difference } from './close.js'
import { inTurns } from './paint.js'

/** What is loaded on both sides, and in which precision the other one computes. */
export interface StepsSubject {
  readonly ours: string
  readonly theirs: string
  readonly dtype: 'bfloat16' | undefined
  /** Sides of the latents that a step is measured with. */
  readonly sides: readonly number[]
  /** Both compute in float32: their results must agree. */
  readonly exact: boolean
  /** Whether a picture is decoded too. */
  readonly decode: boolean
  /** Of each measurement, after one to warm up. */
  readonly repeats: number
}

/** A value of our side, and of the other one where it is there; `ms` stands for MB where memory is meant. */
export interface Pair {
  readonly ours: Timing
  readonly torch: Timing | undefined
}

export interface StepsRun {
  readonly load: Pair
  /** In the order of `sides`; `apart`: share of the largest value that the results differ by. */
  readonly steps: readonly (Pair & { readonly apart: number | undefined })[]
  readonly decode: Pair | undefined
  readonly memory: Pair
}

const request = { rows: 2, timestep: 500, every: 97 }

const plain = (ms: number): Timing => ({ ms, cpuMs: ms })

/** Loads, guided steps of the UNet and peak memory of both sides, in turns, in new processes. @param peer as of `startSides` */
export async function runSteps(
  { ours, theirs, dtype, sides, exact, decode, repeats }: StepsSubject,
  oursFirst: boolean,
  threads: number,
  peer: string | (() => Peer) | undefined,
): Promise<StepsRun> {
  const { sides: started } = await startSides(threads, peer)
  try {
    await both(started, true, 'preparePainter', {})
    const loaded = {
      ours: await started.ours.ask('load', { folder: ours, threads }),
      torch: await started.torch?.ask('load', { folder: theirs, threads, ...(dtype && { dtype }) }),
    }
    const steps: (Pair & { readonly apart: number | undefined })[] = []
    // Nor do two that round the same layers to int8: what is nearly between two steps goes either way, in all of them.
    const close = exact ? undefined : Number.POSITIVE_INFINITY
    for (const side of sides) {
      const { first, ...times } = await inTurns(started, oursFirst, 'predict', { ...request, side }, repeats, close)
      steps.push({ ...times, apart: first.torch && difference(first.ours.sample, first.torch.sample) })
    }
    const { every } = request
    const decoded = decode ? await inTurns(started, oursFirst, 'decodeLatents', { every }, repeats) : undefined
    const peak = await both(started, true, 'memory', {})
    return {
      load: { ours: plain(loaded.ours.ms), torch: loaded.torch && plain(loaded.torch.ms) },
      steps,
      decode: decoded,
      memory: { ours: plain(peak.ours.peakMb), torch: peak.torch && plain(peak.torch.peakMb) },
    }
  } finally {
    await endSides(started)
  }
}
