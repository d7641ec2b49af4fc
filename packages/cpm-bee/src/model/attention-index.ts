import { InvalidArgumentError } from '@viscpm/core'
import type { PositionBuckets } from './position-buckets.js'

/** Row of the position bias table for one query and key. */
export function biasRow(
  buckets: PositionBuckets,
  numBuckets: number,
  relation: number,
  queryPosition: number,
  keyPosition: number,
): number {
  return relation === 0 ? buckets.of(keyPosition - queryPosition) : relation - 1 + numBuckets
}

/** @throws InvalidArgumentError when a relation has no row in the model's table (nesting deeper than it was made for). */
export function checkRelations(relations: ArrayLike<number>, numSegmentBuckets: number): void {
  for (let i = 0; i < relations.length; i++)
    if (relations[i]! > numSegmentBuckets)
      throw new InvalidArgumentError({
        argument: 'input',
        message: `nested too deep: segment relation ${relations[i]} is beyond the model's ${numSegmentBuckets} buckets`,
      })
}

/** Rows of `length` columns with `past` columns of zeros before them. */
export function withPast<A extends Uint8Array | Int32Array>(table: A, length: number, past: number): A {
  if (past === 0) return table
  const rows = table.length / length
  const out = new (table.constructor as new (length: number) => A)(rows * (past + length))
  for (let r = 0; r < rows; r++) out.set(table.subarray(r * length, (r + 1) * length), r * (past + length) + past)
  return out
}
