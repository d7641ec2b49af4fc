import { InvalidArgumentError } from '@viscpm/core'

/** @throws InvalidArgumentError for a branch that this UNet has not */
export function checkBranch(branch: number, branches: number): void {
  if (Number.isSafeInteger(branch) && branch >= 0 && branch < branches) return
  throw new InvalidArgumentError({
    argument: 'deepCache',
    message: `branch must be a whole number from 0 to ${branches - 1}, not ${String(branch)}`,
    hint: '0 computes least between whole steps.',
  })
}

/** @throws InvalidArgumentError for a share that cannot be merged: one pixel of four always stays */
export function checkTokenMerging(ratio: number | undefined): void {
  if (ratio === undefined || (typeof ratio === 'number' && ratio >= 0 && ratio <= 0.75)) return
  throw new InvalidArgumentError({
    argument: 'tokenMerging',
    message: `must be a share from 0 to 0.75, not ${String(ratio)}`,
  })
}
