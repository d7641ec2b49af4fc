import type { RateLimits } from '@viscpm/server'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'

const units: Readonly<Record<string, number>> = { s: 60, min: 1, h: 1 / 60 }

/** More would be no limit, but a number that the queue refuses. */
const mostPerMinute = 60_000

/**
 * Reads `6/min`, for all jobs, or `paint=6/min`, for those of a kind, which wins over the other: so many at once, then as many in the time.
 * @param before what was given before
 * @throws UsageError
 */
export function rateLimit(given: string, before: RateLimits | undefined, t: Messages): RateLimits {
  const [, kind, count, unit = ''] = /^(?:(chat|paint)=)?([1-9]\d{0,5})\/(s|min|h)$/.exec(given) ?? []
  const perMinute = Number(count) * (units[unit] ?? Number.NaN)
  if (!(perMinute <= mostPerMinute))
    throw new UsageError(t.parsing.invalidValue('--rate-limit', JSON.stringify(given)), t.serve.badRateHint)
  const limit = { perMinute, burst: Number(count) }
  return kind === undefined ? { chat: limit, paint: limit, ...before } : { ...before, [kind]: limit }
}
