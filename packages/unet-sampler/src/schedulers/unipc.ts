import type { LogLevel } from './dpm-solver.js'
import { divided, expm132, f32, linear } from './float32.js'

export type UniPCSolver = 'bh1' | 'bh2'

/** What the model said at a noise level: the clean sample, or the noise. */
export interface Past {
  readonly level: LogLevel
  readonly model: Float32Array
}

/** Solves a small system by elimination with pivoting. a: [n, n], b: [n]. */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!])
  const n = rows.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = rows[i]![k]! / rows[k]![k]!
      for (let j = k; j <= n; j++) rows[i]![j] = rows[i]![j]! - factor * rows[k]![j]!
    }
  }
  return rows.map((row, i) => f32(row[n]! / row[i]!))
}

/** The part of the step that needs no history, and the system that the differences are weighed by. */
function system(solver: UniPCSolver, predictX0: boolean, past: readonly Past[], to: LogLevel, order: number) {
  const from = past.at(-1)!
  const h = f32(to.lambda - from.level.lambda)
  const hh = predictX0 ? -h : h
  const phi1 = expm132(hh)
  const bh = solver === 'bh1' ? hh : phi1
  // Distances of the older levels, in steps, and slopes to what the model said there.
  const older = Array.from({ length: order - 1 }, (_, i) => past.at(-2 - i)!)
  const rks = older.map(({ level }) => f32(f32(level.lambda - from.level.lambda) / h))
  const slopes = older.map(({ model }, i) => divided(linear([1, model], [-1, from.model]), rks[i]!))

  const matrix: number[][] = []
  const right: number[] = []
  let phi = f32(f32(phi1 / hh) - 1)
  let factorial = 1
  for (let i = 1; i <= order; i++) {
    matrix.push([...rks, 1].map(rk => f32(rk ** (i - 1))))
    right.push(f32(f32(phi * factorial) / bh))
    factorial *= i + 1
    phi = f32(f32(phi / hh) - f32(1 / factorial))
  }
  const gain = predictX0 ? to.alpha : to.sigma
  const scale = predictX0 ? f32(to.sigma / from.level.sigma) : f32(to.alpha / from.level.alpha)
  const base = (sample: Float32Array) => linear([scale, sample], [-f32(gain * phi1), from.model])
  return { matrix, right, slopes, model: from.model, base, factor: f32(gain * bh) }
}

type Pair = readonly [number, Float32Array]

function weighed(weights: readonly number[], slopes: readonly Float32Array[]): Pair[] {
  return slopes.map((slope, i) => [weights[i]!, slope])
}

/** Karras levels may end where they are: nothing to do, and 0 / 0 in the formulas. */
const same = (a: LogLevel, b: LogLevel): boolean => a.lambda === b.lambda

/** UniP: the sample at the next level. */
export function predicted(
  solver: UniPCSolver,
  predictX0: boolean,
  past: readonly Past[],
  to: LogLevel,
  sample: Float32Array,
  order: number,
): Float32Array {
  if (same(past.at(-1)!.level, to)) return sample.slice()
  const { matrix, right, slopes, base, factor } = system(solver, predictX0, past, to, order)
  if (order === 1) return base(sample)
  // Of second order the weight is set to its limit, as the paper does.
  const weights =
    order === 2
      ? [0.5]
      : solve(
          matrix.slice(0, -1).map(row => row.slice(0, -1)),
          right.slice(0, -1),
        )
  const [first, ...rest] = weighed(weights, slopes)
  return linear([1, base(sample)], [-factor, linear(first!, ...rest)])
}

/** UniC: the sample at the level that was just evaluated, from the same start with what is known now. */
export function corrected(
  solver: UniPCSolver,
  predictX0: boolean,
  past: readonly Past[],
  now: Past,
  sample: Float32Array,
  order: number,
): Float32Array {
  const { matrix, right, slopes, model, base, factor } = system(solver, predictX0, past, now.level, order)
  const weights = order === 1 ? [0.5] : solve(matrix, right)
  const change: Pair = [weights.at(-1)!, linear([1, now.model], [-1, model])]
  const [first, ...rest] = [...weighed(weights, slopes), change]
  return linear([1, base(sample)], [-factor, linear(first!, ...rest)])
}
