import { randomNumbers } from '@viscpm/core/random'
import { describe, expect, it } from 'vitest'
import { estimateCKA, gram, linearCKA, type Rows } from './cka.js'

function states(n: number, dim: number, seed: number): Rows {
  const random = randomNumbers(seed)
  return { data: Float32Array.from({ length: n * dim }, () => random() + random() + random() - 1.5), dim }
}
const items = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('linear CKA', () => {
  it('is 1 for the same states turned and scaled', () => {
    const a = states(12, 6, 1)
    // Coordinates swapped and one mirrored: a rotation.
    const b = { data: a.data.map((_, i) => -3 * a.data[i - (i % 6) + ((i + 2) % 6)]!), dim: 6 }
    expect(linearCKA(gram(a), gram(b), items(12))).toBeCloseTo(1, 6)
  })

  it('is about 0 for unrelated states, many dimensions or few items notwithstanding', () => {
    const values = items(40).map(seed =>
      linearCKA(gram(states(12, 200, seed)), gram(states(12, 200, 1000 + seed)), items(12)),
    )
    expect(Math.abs(values.reduce((sum, v) => sum + v, 0) / values.length)).toBeLessThan(0.1)
  })

  it('does not mind where the origin lies', () => {
    const [a, b] = [states(10, 5, 1), states(10, 5, 2)]
    const moved = { data: a.data.map(v => v + 7), dim: 5 }
    expect(linearCKA(gram(moved), gram(b), items(10))).toBeCloseTo(linearCKA(gram(a), gram(b), items(10)), 3)
  })

  it('falls when pairs are shuffled', () => {
    const a = gram(states(12, 6, 1))
    const backwards = items(12).reverse()
    expect(linearCKA(a, a, items(12), backwards)).toBeLessThan(0.6)
  })

  it('needs four items', () => {
    expect(linearCKA(gram(states(3, 2, 1)), gram(states(3, 2, 2)), items(3))).toBeNaN()
  })

  it('has a jackknife interval around it', () => {
    const a = states(20, 8, 1)
    const b = { data: a.data.map((v, i) => v + 0.5 * states(20, 8, 2).data[i]!), dim: 8 }
    const { value, low, high } = estimateCKA(gram(a), gram(b))
    expect(value).toBeGreaterThan(0.5)
    expect(low).toBeLessThan(value)
    expect(high).toBeGreaterThan(value)
    expect(high - low).toBeLessThan(0.6)
  })
})
