import type { Tensor, WeightSource } from '@viscpm/core'

type Numbers = { readonly length: number; readonly [i: number]: number | bigint }

/** Largest absolute difference; infinite when lengths differ or one side is NaN where the other is not. */
export function maxDifference(ours: Numbers, theirs: Numbers): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < ours.length; i++) {
    const a = Number(ours[i])
    const b = Number(theirs[i])
    if (Object.is(a, b)) continue
    const d = Math.abs(a - b)
    if (!(d <= worst)) worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d
  }
  return worst
}

/** A recorded tensor's values. */
export async function values<T extends Numbers>(source: WeightSource, key: string): Promise<T> {
  return (await source.read(key)).data as unknown as T
}

/** Largest absolute difference from a recorded tensor; infinite when it is missing or of another shape. */
export async function errorOf(output: Tensor | undefined, recorded: WeightSource, key: string): Promise<number> {
  if (!output || `${output.shape}` !== `${recorded.info(key).shape}`) return Number.POSITIVE_INFINITY
  return maxDifference(output.data, await values(recorded, key))
}

/** Largest difference, as a share of the recorded tensor's largest value. */
export async function relativeError(ours: Tensor | undefined, recorded: WeightSource, key: string): Promise<number> {
  const theirs = await recorded.read(key)
  if (!ours || `${ours.shape}` !== `${theirs.shape}`) return Number.POSITIVE_INFINITY
  const [a, b] = [ours.data as Float32Array, theirs.data as Float32Array]
  let [worst, largest] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    worst = d <= worst ? worst : Number.isNaN(d) ? Number.POSITIVE_INFINITY : d
    largest = Math.max(largest, Math.abs(b[i]!))
  }
  return worst / largest
}
