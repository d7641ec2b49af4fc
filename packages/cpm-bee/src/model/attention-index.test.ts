import { describe, expect, it } from 'vitest'
import { biasRow, checkRelations } from './attention-index.js'
import { PositionBuckets, positionBucket } from './position-buckets.js'

describe('attention index', () => {
  const buckets = new PositionBuckets(32, 128).reach(40)

  it('takes the distance within a segment, the key being right of the query in the upper half', () => {
    expect(biasRow(buckets, 32, 0, 10, 7)).toBe(3)
    expect(biasRow(buckets, 32, 0, 7, 10)).toBe(16 + 3)
    expect(biasRow(buckets, 32, 0, 0, 40)).toBe(positionBucket(40, 32, 128))
  })

  it('takes the relation between segments, whatever the distance', () => {
    expect(biasRow(buckets, 32, 1, 0, 39)).toBe(32)
    expect(biasRow(buckets, 32, 9, 5, 5)).toBe(40)
  })

  it('refuses relations that the table has no row for', () => {
    expect(() => checkRelations([0, 5, 32], 32)).not.toThrow()
    expect(() => checkRelations([0, 33], 32)).toThrow(/nested too deep.*33.*32/)
  })
})
