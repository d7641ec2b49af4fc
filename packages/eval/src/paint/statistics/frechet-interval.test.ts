import { InvalidArgumentError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { features } from '../fixtures/uniform.js'
import { frechetDistance } from './frechet-distance.js'
import { extrapolatedDistance, frechetInterval } from './frechet-interval.js'
import { momentsOf } from './moments.js'

const dim = 4
const real = momentsOf(features('real', 5000, dim), dim)

test('the interval is about as wide as other draws differ', () => {
  const draws = Array.from(
    { length: 40 },
    (_, i) =>
      frechetDistance(
        momentsOf(
          features(`draw ${i}`, 200, dim).map(v => v + 0.2),
          dim,
        ),
        real,
      ).distance,
  )
  const centre = draws.reduce((a, b) => a + b) / draws.length
  const spread = Math.sqrt(draws.reduce((s, v) => s + (v - centre) ** 2, 0) / (draws.length - 1))
  const one = features('draw 0', 200, dim).map(v => v + 0.2)
  const { value, low, high } = frechetInterval(draws[0]!, dim, { features: one }, { moments: real })
  expect(value).toBe(draws[0])
  expect((high - low) / (2 * 1.96 * spread)).toBeGreaterThan(0.6)
  expect((high - low) / (2 * 1.96 * spread)).toBeLessThan(1.6)
})

test('extrapolating takes the bias of few pictures away', () => {
  const sets = Array.from({ length: 40 }, (_, i) => features(`few ${i}`, 200, dim))
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  const biased = sets.map(few => frechetDistance(momentsOf(few, dim), real).distance)
  const extrapolated = sets.map(few => extrapolatedDistance(few, dim, real))
  expect(Math.abs(average(extrapolated.map(({ distance }) => distance)))).toBeLessThan(average(biased) / 2)
  const last = extrapolated[0]!.points.at(-1)!
  expect(last.count).toBe(200)
  expect(last.distance).toBeCloseTo(biased[0]!, 9)
  expect(() => extrapolatedDistance(features('x', 10, dim), dim, real)).toThrow(InvalidArgumentError)
})
