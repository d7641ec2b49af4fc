import type { CpmBeeConfig } from '@viscpm/cpm-bee'
import { spread } from '../statistics.js'
import { type FullRow, type Goal, scored } from './row.js'
import type { OursTimes, SideTimes } from './sides.js'
import type { TorchTimes } from './torch.js'

/** Everything measured in one run; ratios are formed from one of these alone. */
export interface FullRun {
  /** Processes waiting for a core, over the minute before. */
  readonly load: number
  readonly memoryGbPerSecond: number
  readonly diskGbPerSecond: number | undefined
  /** Of the weights' file from the system's cache. */
  readonly cachedGbPerSecond: number
  /** Load with the file not in the system's cache; undefined where it could not be dropped from there. */
  readonly coldLoadMs: number | undefined
  readonly ours: OursTimes
  readonly llama: SideTimes | undefined
  readonly torch: TorchTimes | undefined
}

export interface FullSizes {
  readonly config: CpmBeeConfig
  readonly fileBytes: number
  readonly bytesPerStep: number
}

type Pick<T> = (run: FullRun) => T

/** What one figure of ours, in milliseconds, is set against. */
interface Comparison {
  readonly name: string
  readonly of: Pick<number | undefined>
  readonly goal?: Goal
  /** How the ratio is formed. Default: theirs / ours, above 1 we are faster. */
  readonly ratio?: 'ours / theirs'
  readonly bound?: string
}

/** A row for each thing that one figure is compared with. */
function compared(
  runs: readonly FullRun[],
  what: string,
  ours: Pick<number>,
  against: readonly Comparison[],
): FullRow[] {
  return against.map(({ name, of, goal, ratio, bound }, i) => {
    const theirs = runs.map(of)
    const found = theirs.filter(value => value !== undefined)
    return scored(
      {
        what: i === 0 ? what : 'the same',
        unit: 'ms',
        against: { name, ...(found.length > 0 && { value: spread(found), unit: 'ms' }) },
        ...(goal && { goal }),
        ...(bound !== undefined && { bound }),
      },
      runs.map(ours),
      runs.map((run, r) => {
        const value = theirs[r]
        return value === undefined ? undefined : ratio ? ours(run) / value : value / ours(run)
      }),
    )
  })
}

const higher = (floor: number, aim: number): Goal => ({ floor, aim, better: 'higher' })
const lower = (floor: number, aim: number): Goal => ({ floor, aim, better: 'lower' })

/** Decoding, prefill and loading of the language model, from all runs. */
export function languageRows(runs: readonly FullRun[], { bytesPerStep, fileBytes }: FullSizes): FullRow[] {
  const read = (gbPerSecond: number) => fileBytes / gbPerSecond / 1e6
  const fromDisk: Pick<number | undefined> = run => run.diskGbPerSecond && read(run.diskGbPerSecond)
  const torch = (what: 'decodeMs' | 'prefill128Ms', goal?: Goal): Comparison[] =>
    (['bf16', 'fp32'] as const).map(kind => ({
      name: `PyTorch ${kind}, products of 4 layers scaled`,
      of: run => run.torch?.[kind][what],
      ...(kind === 'bf16' && goal && { goal }),
    }))
  return [
    ...compared(runs, 'decode, 1 beam, 200 tokens of context', run => run.ours.decodeMs, [
      {
        name: 'weights read at memory bandwidth',
        of: run => bytesPerStep / run.memoryGbPerSecond / 1e6,
        goal: higher(0.7, 0.85),
        bound:
          'the int4 products alone read at about 90 % of it; attention, small operators and JavaScript, a tenth of a step, read little',
      },
      { name: 'llama.cpp Q4_0', of: run => run.llama?.decodeMs, goal: higher(0.9, 1.05) },
      ...torch('decodeMs'),
    ]),
    ...compared(runs, 'step of 3 beams', run => run.ours.threeBeamsMs, [
      {
        name: 'step of 1 beam',
        of: run => run.ours.decodeMs,
        goal: lower(1.7, 1.4),
        ratio: 'ours / theirs',
        bound:
          'weights are read once for all beams, but their products are three times as many: arithmetic of the cores',
      },
    ]),
    ...compared(runs, 'prefill of 128 tokens', run => run.ours.prefill128Ms, [
      {
        name: 'llama.cpp Q4_0',
        of: run => run.llama?.prefill128Ms,
        goal: higher(1.2, 1.4),
        bound: 'arithmetic of onnxruntime’s int4 products, which is nearly all of a prefill',
      },
      ...torch('prefill128Ms', higher(2.5, 4)),
    ]),
    ...compared(runs, 'load, file in the cache', run => run.ours.loadMs, [
      {
        name: 'reading the file from the disk',
        of: fromDisk,
        goal: lower(3, 1.3),
        ratio: 'ours / theirs',
        bound: 'onnxruntime packs each matrix for its kernel, on one thread, into memory of its own',
      },
      { name: 'reading the file from the cache', of: run => read(run.cachedGbPerSecond), ratio: 'ours / theirs' },
    ]),
    ...coldLoad(runs, fromDisk),
    ...memory(runs),
  ]
}

function coldLoad(all: readonly FullRun[], fromDisk: Pick<number | undefined>): FullRow[] {
  const runs = all.filter(run => run.coldLoadMs !== undefined)
  if (runs.length === 0) return []
  return compared(runs, 'load, file not in the cache', run => run.coldLoadMs!, [
    { name: 'reading the file from the disk', of: fromDisk, ratio: 'ours / theirs' },
  ])
}

function memory(runs: readonly FullRun[]): FullRow[] {
  const peak = (what: string, pick: 'resident' | 'anonymous', of: Pick<SideTimes | undefined>): FullRow[] => {
    const values = runs.map(run => of(run)?.memory?.[pick]).filter(value => value !== undefined)
    return values.length > 0 ? [{ what, ours: spread(values.map(gigabytes)), unit: 'GB' }] : []
  }
  return [
    ...peak('peak memory of the language model, the measurements above', 'resident', run => run.ours),
    ...peak('of that the process’s own', 'anonymous', run => run.ours),
    ...peak('llama.cpp: peak memory', 'resident', run => run.llama),
  ]
}

/** Of MiB. */
export const gigabytes = (mb: number): number => (mb * 2 ** 20) / 1e9
