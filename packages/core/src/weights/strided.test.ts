import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkedNumel, contiguousStrides, gather, isContiguous, spanOf } from './strided.js'

describe('strided views', () => {
  it('gathers any view as indexing does', () => {
    const axis = fc.record({ size: fc.integer({ min: 0, max: 4 }), stride: fc.integer({ min: 0, max: 9 }) })
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 5 }), axes => {
        const shape = axes.map(a => a.size)
        const strides = axes.map(a => a.stride)
        const from = Int32Array.from({ length: Math.max(spanOf(shape, strides), 1) }, (_, i) => i)
        const wanted: number[] = []
        const walk = (depth: number, at: number): void => {
          if (depth === axes.length) wanted.push(at)
          else for (let i = 0; i < shape[depth]!; i++) walk(depth + 1, at + i * strides[depth]!)
        }
        walk(0, 0)
        expect([...gather('int32', from, shape, strides, wanted.length)]).toEqual(wanted)
        expect(Math.max(-1, ...wanted) + 1).toBe(spanOf(shape, strides))
        if (isContiguous(shape, strides)) expect(wanted).toEqual(wanted.map((_, i) => i))
        expect(isContiguous(shape, contiguousStrides(shape))).toBe(true)
      }),
      { numRuns: 500, seed: 3 },
    )
  })

  it('does not mind the strides of axes of size 1', () => {
    expect(isContiguous([1, 3, 1], [77, 1, 5])).toBe(true)
    expect(isContiguous([2, 3], [1, 2])).toBe(false)
  })

  it('counts elements only where that is exact', () => {
    expect(checkedNumel([], 'float32')).toBe(1)
    expect(checkedNumel([2 ** 60, 0], 'float32')).toBeUndefined()
    expect(checkedNumel([2 ** 50, 0], 'float32')).toBe(0)
    expect(checkedNumel([2 ** 50], 'float32')).toBe(2 ** 50)
    expect(checkedNumel([2 ** 50, 2], 'float32')).toBeUndefined()
    expect(checkedNumel([2 ** 52, 2 ** 52], 'uint8')).toBeUndefined()
    expect(checkedNumel([Number.NaN], 'uint8')).toBeUndefined()
    expect(checkedNumel(new Array(65).fill(1), 'uint8')).toBeUndefined()
  })
})
