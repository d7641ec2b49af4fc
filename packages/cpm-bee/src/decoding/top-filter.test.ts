import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TopFilter } from './top-filter.js'

// Few distinct values, so that ties at the borders are common.
const logits = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 40 })
const kept = (values: Float32Array): number[] => [...values.keys()].filter(i => values[i] !== Number.NEGATIVE_INFINITY)

it('keeps what sorting everything would keep, first of equals first', () => {
  fc.assert(
    fc.property(
      logits,
      fc.integer({ min: 0, max: 45 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (numbers, topK, topP, minP) => {
        const order = numbers.map((_, i) => i).sort((a, b) => numbers[b]! - numbers[a]! || a - b)
        const border = numbers[order[topK - 1] ?? -1] ?? Number.NEGATIVE_INFINITY
        let left = order.filter(i => topK === 0 || numbers[i]! >= border)
        const total = left.reduce((sum, i) => sum + Math.exp(numbers[i]!), 0)
        const need = topP === 1 ? Number.POSITIVE_INFINITY : topP * total
        let cumulative = 0
        left = left.filter(i => {
          const keep = cumulative <= need
          cumulative += Math.exp(numbers[i]!)
          return keep
        })
        // A cumulated probability right at the border may fall on either side.
        fc.pre(
          left.every((_, n) => Math.abs(left.slice(0, n).reduce((s, i) => s + Math.exp(numbers[i]!), 0) - need) > 1e-9),
        )
        const best = numbers[order[0]!]!
        const floor = best + Math.log(minP)
        fc.pre(left.every(i => Math.abs(numbers[i]! - floor) > 1e-6))
        left = left.filter(i => minP === 0 || numbers[i]! >= floor)

        const values = Float32Array.from(numbers)
        new TopFilter(values.length).apply(values, { topK, topP, minP })
        expect(kept(values)).toEqual([...left].sort((a, b) => a - b))
        for (const i of left) expect(values[i]).toBe(numbers[i])
      },
    ),
    { numRuns: 500 },
  )
})
