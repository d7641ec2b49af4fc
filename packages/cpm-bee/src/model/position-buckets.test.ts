import { describe, expect, it } from 'vitest'
import { PositionBuckets, positionBucket } from './position-buckets.js'

describe('position buckets', () => {
  it('gives short distances their own bucket, keys to the right the upper half', () => {
    expect([0, -1, -7, 1, 7].map(r => positionBucket(r, 32, 128))).toEqual([0, 1, 7, 17, 23])
  })

  it('shares large distances by logarithm, up to the last bucket of each half', () => {
    expect([-8, -16, -127, -5000].map(r => positionBucket(r, 32, 128))).toEqual([8, 10, 15, 15])
    expect([8, 16, 128, 5000].map(r => positionBucket(r, 32, 128))).toEqual([24, 26, 31, 31])
  })

  it('looks up what it would compute, also after it was widened', () => {
    const table = new PositionBuckets(256, 2048).reach(10)
    for (const limit of [10, 3000]) {
      table.reach(limit)
      for (let r = -limit; r <= limit; r += 7) expect(table.of(r)).toBe(positionBucket(r, 256, 2048))
    }
  })
})
