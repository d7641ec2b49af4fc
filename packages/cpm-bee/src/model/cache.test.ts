import { type Tensor, tensor } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { KeyValueCache } from './cache.js'
import { CacheLayout, type CachePart, type KeyValueDType, keyValueDTypes } from './cache-layout.js'

const layers = [0, 2]
const sizes = { numHeads: 2, dimHead: 3 }
const layoutOf = (kind: KeyValueDType) => new CacheLayout(layers, sizes, kind)

/** Says its layer, part, block, token and place; small enough for a byte. */
function number(layer: number, part: CachePart, block: number, token: number, place: number): number {
  return ((layer * 7 + part.name.length * 5 + block * 3 + token * 11 + place) % 251) - 125
}

/** A run's new rows for `tokens`. */
function rows(layout: CacheLayout, tokens: readonly number[]): Record<string, Tensor> {
  const out: Record<string, Tensor> = {}
  for (const layer of layout.layers)
    for (const part of layout.parts) {
      const { outer, inner } = part
      const made = tensor(
        part.dtype,
        layout.empty(1)[`past_${part.name}.${layer}`]!.data as never,
        part.shape(1, layout.emptySlots) as number[],
      )
      const data = new (made.data.constructor as Float32ArrayConstructor)(outer * tokens.length * inner)
      for (let o = 0, at = 0; o < outer; o++)
        for (const token of tokens) for (let i = 0; i < inner; i++, at++) data[at] = number(layer, part, o, token, i)
      out[`present_${part.name}.${layer}`] = tensor(part.dtype, data as never, part.shape(1, tokens.length))
    }
  return out
}

/** Number of places that do not hold what was written: `held[slot]` is the token. */
function wrong(cache: KeyValueCache, layout: CacheLayout, held: readonly number[]): number {
  const feeds = cache.feeds()
  let bad = 0
  for (const layer of layers)
    for (const part of layout.parts) {
      const { data, shape } = feeds[`past_${part.name}.${layer}`]!
      expect(shape).toEqual(part.shape(1, cache.slots))
      const expected = new (data.constructor as Float32ArrayConstructor)(1)
      for (let o = 0; o < part.outer; o++)
        for (const [slot, token] of held.entries())
          for (let i = 0; i < part.inner; i++) {
            expected[0] = number(layer, part, o, token, i)
            if (data[(o * cache.slots + slot) * part.inner + i] !== expected[0]) bad++
          }
    }
  return bad
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

describe.each(keyValueDTypes)('key-value cache in %s', kind => {
  const layout = layoutOf(kind)

  it('starts empty, with no slots to mask', () => {
    const cache = new KeyValueCache(layout)
    expect([cache.nbytes, cache.slots]).toEqual([0, 0])
    const scales =
      kind === 'int8' ? ['past_key_scale.0', 'past_key_scale.2', 'past_value_scale.0', 'past_value_scale.2'] : []
    expect(Object.keys(cache.feeds()).sort()).toEqual(
      ['past_key.0', 'past_key.2', 'past_value.0', 'past_value.2', ...scales].sort(),
    )
  })

  it('keeps every row while it grows, however the rows arrive', () => {
    const cache = new KeyValueCache(layout)
    let length = 0
    for (const count of [20, 3, 3, 1, 40, 3, 2, 600, 1, 900]) {
      cache.reserve(length + count)
      cache.write(rows(layout, range(length, count)), range(length, count))
      length += count
      expect(wrong(cache, layout, range(0, length))).toBe(0)
    }
  })

  it('writes over slots that are free again, in any order', () => {
    const cache = new KeyValueCache(layout)
    cache.reserve(12)
    cache.write(rows(layout, range(0, 12)), range(0, 12))
    cache.write(rows(layout, [20, 21, 22]), [7, 3, 10])
    cache.write(rows(layout, [30]), [5])
    expect(wrong(cache, layout, [0, 1, 2, 21, 4, 30, 6, 20, 8, 9, 22, 11])).toBe(0)
  })

  it('does not move at every step, and wastes little', () => {
    const cache = new KeyValueCache(layout)
    const capacities = new Set<number>()
    for (let length = 3; length <= 3600; length += 3) {
      cache.reserve(length)
      capacities.add(cache.slots)
      expect(cache.slots).toBeLessThan(length * 1.02 + 48)
    }
    expect(capacities.size).toBeLessThan(100)
    expect(cache.nbytes).toBe(cache.slots * layout.bytesPerSlot)
    cache.dispose()
    expect(cache.nbytes).toBe(0)
  })

  it('has spare slots that hold numbers, so that a mask is all they need', () => {
    const cache = new KeyValueCache(layout)
    cache.reserve(5)
    cache.write(rows(layout, range(0, 5)), range(0, 5))
    cache.reserve(100)
    for (const { data } of Object.values(cache.feeds()))
      expect(Array.from(data as never, Number).every(Number.isFinite)).toBe(true)
    expect(cache.slots).toBeGreaterThan(99)
  })
})

const full = { numHeads: 32, dimHead: 128 }

it('takes the bytes it is said to take', () => {
  const perSlot = (kind: KeyValueDType) => new CacheLayout(range(0, 48), full, kind).bytesPerSlot
  expect([perSlot('float32'), perSlot('float16'), perSlot('int8')]).toEqual([
    1.5 * 2 ** 20,
    0.75 * 2 ** 20,
    0.380859375 * 2 ** 20,
  ])
  expect(() => layoutOf('int4' as never)).toThrow(/^kvCache: must be 'float32', 'float16' or 'int8', not "int4"/)
})

it("takes 1/4.5 of the original's bytes after 3000 tokens and three beams of 512 that share nothing", () => {
  const layout = new CacheLayout([0], full, 'int8')
  const cache = new KeyValueCache(layout)
  cache.reserve(3000)
  const token = rows(layout, [0, 1, 2])
  let most = 0
  for (let slot = 3000; slot < 3000 + 3 * 512; slot += 3) {
    cache.reserve(slot + 3)
    if (slot % 300 === 0) cache.write(token, [slot, slot + 1, slot + 2])
    most = Math.max(most, cache.nbytes)
  }
  // What the runtime is fed is what was counted.
  const fed = Object.values(cache.feeds()).reduce((sum, { data }) => sum + data.byteLength, 0)
  expect(fed).toBe(most)
  // Each of its beams has its own copy in float16.
  const original = 3 * (3000 + 512) * new CacheLayout([0], full, 'float16').bytesPerSlot
  expect(original / most).toBeGreaterThanOrEqual(4.5)
  cache.dispose()
})
