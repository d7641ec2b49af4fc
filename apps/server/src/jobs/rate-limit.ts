import { InvalidArgumentError } from '@viscpm/core'
import { RateLimitedError } from './errors.js'
import type { JobRequest } from './types.js'

/** How often an owner may send jobs. */
export interface RateLimit {
  readonly perMinute: number
  /** How many may come at once. Default: perMinute, at least 1. */
  readonly burst?: number
}

/** By kind of job, for each owner. */
export type RateLimits = Readonly<Partial<Record<JobRequest['kind'], RateLimit>>>

/** A token bucket: it gets a token each `period` milliseconds, and holds at most `burst` of them. */
export interface Bucket {
  readonly period: number
  readonly burst: number
}

/** @throws InvalidArgumentError for numbers that no bucket can have */
export function bucketOf({ perMinute, burst = Math.max(1, Math.floor(perMinute)) }: RateLimit): Bucket {
  if (!(perMinute > 0 && perMinute <= 60_000))
    throw new InvalidArgumentError({ argument: 'rateLimit.perMinute', message: 'must be above 0, at most 60,000' })
  if (!Number.isInteger(burst) || burst < 1)
    throw new InvalidArgumentError({ argument: 'rateLimit.burst', message: 'must be a whole number of at least 1' })
  return { period: Math.ceil(60_000 / perMinute), burst }
}

/** Token buckets of owners, as the virtual time at which each is full again (the generic cell rate algorithm). */
export class RateLimiter {
  readonly #buckets: Readonly<Partial<Record<JobRequest['kind'], Bucket>>>
  /** Milliseconds since 1970, by kind and owner; those that are full are not in it. */
  readonly #fullAt = new Map<string, number>()
  #cleanAt = 0

  /** @throws InvalidArgumentError */
  constructor(limits: RateLimits = {}) {
    this.#buckets = Object.fromEntries(Object.entries(limits).map(([kind, limit]) => [kind, bucketOf(limit)]))
  }

  /** Takes a token. @throws RateLimitedError where there is none, with the seconds until there is one */
  take(kind: JobRequest['kind'], owner: string, now: number = Date.now()): void {
    const bucket = this.#buckets[kind]
    if (!bucket) return
    const key = `${kind} ${owner}`
    const at = Math.max(now, this.#fullAt.get(key) ?? 0)
    const wait = at - (bucket.burst - 1) * bucket.period - now
    if (wait > 0) throw new RateLimitedError(Math.ceil(wait / 1000))
    this.#fullAt.set(key, at + bucket.period)
    this.#clean(now)
  }

  #clean(now: number): void {
    if (now < this.#cleanAt) return
    this.#cleanAt = now + 60_000
    for (const [key, at] of this.#fullAt) if (at <= now) this.#fullAt.delete(key)
  }
}
