import { InvalidArgumentError } from '@viscpm/core'
import type { StartOptions } from './types.js'

const known = ['steps', 'strength', 'beginAt']

/** @throws InvalidArgumentError for anything wrong that shows before the timesteps are laid out. */
export function checkStart(request: StartOptions, maxSteps: number): void {
  for (const key of Object.keys(request))
    if (!known.includes(key))
      throw new InvalidArgumentError({ argument: key, message: `is not known to start(); ${known.join(', ')} are` })
  const { steps, strength, beginAt } = request
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > maxSteps)
    throw new InvalidArgumentError({
      argument: 'steps',
      message: `must be a whole number from 1 to ${maxSteps}, not ${steps}`,
    })
  if (strength !== undefined && beginAt !== undefined)
    throw new InvalidArgumentError({ argument: 'beginAt', message: 'cannot be given together with strength' })
  if (strength !== undefined && !(strength > 0 && strength <= 1))
    throw new InvalidArgumentError({ argument: 'strength', message: `must be above 0 and at most 1, not ${strength}` })
}

/**
 * Evaluations of the model that a partial run leaves out. `order` is the number of evaluations that make up one step.
 * @throws InvalidArgumentError when nothing would be left, or the run would begin within a step.
 */
export function firstEvaluation({ steps, strength, beginAt = 0 }: StartOptions, count: number, order: number): number {
  if (strength !== undefined) {
    const taken = Math.min(Math.trunc(steps * strength), steps)
    if (taken > 0) return (steps - taken) * order
    throw new InvalidArgumentError({
      argument: 'strength',
      message: `${strength} of ${steps} steps is less than one step`,
      hint: `Take a strength of at least ${1 / steps}, or more steps.`,
    })
  }
  if (!Number.isSafeInteger(beginAt) || beginAt < 0 || beginAt >= count || beginAt % order !== 0)
    throw new InvalidArgumentError({
      argument: 'beginAt',
      message: `must be a whole number from 0 to ${count - 1}${order > 1 ? `, divisible by ${order}` : ''}, not ${beginAt}`,
    })
  return beginAt
}
