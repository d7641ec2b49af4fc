import { type Tensor, tensor } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { KeyValueCache } from './cache.js'

const layers = [0, 2]
const heads = 2
const dimHead = 3

/** A run's new rows: every number says its layer, kind, head, token and place. */
function rows(first: number, count: number): Record<string, Tensor> {
  const out: Record<string, Tensor> = {}
  for (const layer of layers)
    for (const [kind, name] of ['present_key', 'present_value'].entries()) {
      const data = new Float32Array(heads * count * dimHead)
      for (let h = 0, at = 0; h < heads; h++)
        for (let t = 0; t < count; t++)
          for (let d = 0; d < dimHead; d++, at++) data[at] = number(layer, kind, h, first + t, d)
      out[`${name}.${layer}`] = tensor('float32', data, [1, heads, count, dimHead])
    }
  return out
}

function number(layer: number, kind: number, head: number, token: number, place: number): number {
  return (((layer * 2 + kind) * heads + head) * 1000 + token) * dimHead + place
}

/** Number of slots that do not hold what was written into them. */
function wrong(cache: KeyValueCache): number {
  const feeds = cache.feeds()
  let bad = 0
  for (const layer of layers)
    for (const [kind, name] of ['past_key', 'past_value'].entries()) {
      const { data, shape } = feeds[`${name}.${layer}`]!
      expect(shape).toEqual([1, heads, cache.slots, dimHead])
      for (let h = 0; h < heads; h++)
        for (let t = 0; t < cache.length; t++)
          for (let d = 0; d < dimHead; d++)
            if (data[(h * cache.slots + t) * dimHead + d] !== number(layer, kind, h, t, d)) bad++
    }
  return bad
}

describe('key-value cache', () => {
  it('starts empty, with no slots to mask', () => {
    const cache = new KeyValueCache(layers, heads, dimHead)
    expect([cache.length, cache.slots]).toEqual([0, 0])
    expect(Object.keys(cache.feeds()).sort()).toEqual(['past_key.0', 'past_key.2', 'past_value.0', 'past_value.2'])
  })

  it('keeps every row while it grows, however the rows arrive', () => {
    const cache = new KeyValueCache(layers, heads, dimHead)
    for (const count of [20, 3, 3, 1, 40, 3, 2]) {
      cache.reserve(count)
      cache.append(rows(cache.length, count), count)
      expect(wrong(cache)).toBe(0)
    }
    expect(cache.length).toBe(72)
  })

  it('does not copy at every step', () => {
    const cache = new KeyValueCache(layers, heads, dimHead)
    const capacities = new Set<number>()
    for (let step = 0; step < 400; step++) {
      cache.append(rows(cache.length, 3), 3)
      capacities.add(cache.slots)
    }
    expect(cache.length).toBe(1200)
    expect(wrong(cache)).toBe(0)
    expect(capacities.size).toBeLessThan(25)
    expect(cache.slots).toBeLessThan(1200 * 1.3 + 32)
  })

  it('has spare slots that hold numbers, so that a mask is all they need', () => {
    const cache = new KeyValueCache(layers, heads, dimHead)
    cache.append(rows(0, 5), 5)
    const { data } = cache.feeds()['past_key.0']!
    expect([...(data as Float32Array)].every(Number.isFinite)).toBe(true)
    expect(cache.slots).toBeGreaterThan(5)
  })
})
