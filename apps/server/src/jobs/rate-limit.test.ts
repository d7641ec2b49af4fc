import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, RateLimiter } from './rate-limit.js'

const taken = (limiter: RateLimiter, owner: string, now: number): number => {
  try {
    limiter.take('paint', owner, now)
    return 0
  } catch (error) {
    return (error as { retryAfter: number }).retryAfter
  }
}

describe('the rate of an owner', () => {
  it('lets a burst through, then so many a minute, and says when the next may come', () => {
    const limiter = new RateLimiter({ paint: { perMinute: 6, burst: 2 } })
    expect([0, 0, 0].map(at => taken(limiter, 'ann', 1000 + at))).toEqual([0, 0, 10])
    expect(taken(limiter, 'bob', 1000)).toBe(0)
    expect([10_999, 11_000, 11_001].map(at => taken(limiter, 'ann', at))).toEqual([1, 0, 10])
    expect([200_000, 200_000, 200_000].map(at => taken(limiter, 'ann', at))).toEqual([0, 0, 10])
    // The other kind has no limit.
    for (let i = 0; i < 100; i++) limiter.take('chat', 'ann', 0)
  })

  it('never lets more through than the burst and the time give', () => {
    const rate = fc.record({ perMinute: fc.integer({ min: 1, max: 600 }), burst: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(rate, fc.array(fc.nat(30_000), { maxLength: 60 }), (limit, gaps) => {
        const [limiter, { period, burst }] = [new RateLimiter({ paint: limit }), bucketOf(limit)]
        let [now, tokens, at] = [1e6, burst, 1e6]
        for (const gap of gaps) {
          now += gap
          tokens = Math.min(burst, tokens + (now - at) / period)
          at = now
          const wait = taken(limiter, 'ann', now)
          // Within the rounding of sums.
          if (Math.abs(tokens - 1) > 1e-6) expect(wait === 0).toBe(tokens > 1)
          if (wait === 0) tokens -= 1
        }
      }),
    )
  })

  it('needs numbers that a bucket can have', () => {
    for (const wrong of [{ perMinute: 0 }, { perMinute: Number.NaN }, { perMinute: 6, burst: 0 }, { perMinute: 1e9 }])
      expect(() => new RateLimiter({ chat: wrong })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(bucketOf({ perMinute: 0.5 })).toEqual({ period: 120_000, burst: 1 })
  })
})
