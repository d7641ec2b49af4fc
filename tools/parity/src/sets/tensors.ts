import type { WeightSource } from '@viscpm/core'

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
