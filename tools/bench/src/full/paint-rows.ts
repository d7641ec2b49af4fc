import { type FastRun, plainSteps } from '../groups/fast.js'
import type { Pair, StepsRun } from '../groups/paint-steps.js'
import { spread } from '../statistics.js'
import { type FullRow, type Goal, scored } from './row.js'

/** Everything that one run measured; ratios are formed within it. */
export interface PaintRun {
  readonly float32: StepsRun
  readonly int8: StepsRun
  readonly openvino: StepsRun | undefined
  readonly fast: FastRun
  readonly fastInt8: FastRun
  readonly fastInt8Vae: FastRun
}

/** The table of all runs, but for the memory of a whole picture. */
export function paintRows(runs: readonly PaintRun[]): FullRow[] {
  const step = (of: (run: PaintRun) => StepsRun | undefined) => (run: PaintRun) => of(run)?.steps[0]
  const size = '64 x 64 latents, guided'
  return [
    pairRow(
      `UNet step, float32, ${size}`,
      'PyTorch float32',
      runs,
      step(run => run.float32),
      goalOf(1.1, 1.3),
    ),
    pairRow(
      `UNet step, int8, ${size}`,
      'PyTorch bfloat16',
      runs,
      step(run => run.int8),
      goalOf(1.4, 2),
    ),
    pairRow(
      'the same',
      'OpenVINO, the same int8 graph, the rest in float32',
      runs,
      step(run => run.openvino),
    ),
    pairRow('VAE decode, 512 x 512', 'PyTorch float32', runs, run => run.float32.decode),
    fastRow('preset `fast`, one 512 x 512 picture, float32', runs, run => run.fast),
    fastRow('the same, int8 UNet', runs, run => run.fastInt8),
    fastRow('the same, int8 UNet and VAE', runs, run => run.fastInt8Vae),
  ]
}

const goalOf = (floor: number, aim: number): Goal => ({ floor, aim, better: 'higher' })

/** Ours against another's, in milliseconds. */
function pairRow(
  what: string,
  name: string,
  runs: readonly PaintRun[],
  of: (run: PaintRun) => Pair | undefined,
  goal?: Goal,
): FullRow {
  // Where the other one is not there, our own value still is in the table; OpenVINO's rows have ours from another run.
  const pairs = runs.map(run => of(run) ?? { ours: run.int8.steps[0]!.ours, torch: undefined })
  const theirs = pairs.map(({ torch }) => torch?.ms).filter(ms => ms !== undefined)
  const against = { name, ...(theirs.length > 0 && { value: spread(theirs), unit: 'ms' }) }
  return scored(
    { what, unit: 'ms', against, ...(goal && { goal }) },
    pairs.map(({ ours }) => ours.ms),
    pairs.map(({ ours, torch }) => torch && torch.ms / ours.ms),
  )
}

/** A whole picture against the original's number of float32 steps. */
function fastRow(what: string, runs: readonly PaintRun[], of: (run: PaintRun) => FastRun): FullRow {
  const seconds = runs.map(run => of(run).fast.ms / 1000)
  const plain = runs.map(run => run.fast.plain.ms / 1000)
  const name = `${plainSteps} guided float32 steps and VAE, from one step`
  return scored(
    { what, unit: 's', against: { name, value: spread(plain), unit: 's' }, goal: goalOf(8, 20) },
    seconds,
    seconds.map((value, run) => plain[run]! / value),
  )
}
