import { randomNumbers } from '@viscpm/core/random'
import { describe, expect, it } from 'vitest'
import { LayerAlignment } from './layers.js'
import type { Rows } from './statistics/cka.js'

const texts = 16
const dim = 24
const noise = (seed: number): Rows => {
  const random = randomNumbers(seed)
  return { data: Float32Array.from({ length: texts * dim }, () => random() - 0.5), dim }
}
const mixed = (a: Rows, b: Rows, share: number, offset = 0): Rows => ({
  data: a.data.map((v, i) => share * v + (1 - share) * b.data[i]! + offset * (i % dim)),
  dim,
})

describe('LayerAlignment', () => {
  const meaning = noise(1)
  /** Layers whose states share so much of the meaning; English lies elsewhere than Chinese. */
  const measure = (...shares: number[]) => {
    const alignment = new LayerAlignment()
    for (const [layer, share] of shares.entries())
      alignment.add(layer, mixed(meaning, noise(10 + layer), share, 1), mixed(meaning, noise(20 + layer), share))
    return alignment.card()
  }

  it('finds the layer at which languages meet', () => {
    const { layers, pivot, texts: n, chance } = measure(0.2, 0.5, 0.9, 0.4)
    expect([n, chance]).toEqual([texts, 1 / texts])
    expect(pivot).toMatchObject({ layer: 2, low: 2, high: 2, first: 0, inside: true })
    expect(pivot.rise.low).toBeGreaterThan(0)
    expect(layers[2]!.zhToEn.value).toBe(1)
    expect(layers[2]!.cka.value).toBeGreaterThan(0.9)
    expect(layers[2]!.centred.value).toBeGreaterThan(layers[0]!.centred.value)
    for (const { centredOther, ckaShuffled } of layers) {
      expect(Math.abs(centredOther.value)).toBeLessThan(0.15)
      expect(Math.abs(ckaShuffled)).toBeLessThan(0.2)
    }
  })

  it('claims no pivot where likeness only grows, or is chance', () => {
    expect(measure(0.2, 0.5, 0.9).pivot).toMatchObject({ layer: 2, inside: false })
    expect(measure(0, 0, 0, 0).pivot.inside).toBe(false)
  })

  it('needs four texts, as many in both languages, and a layer', () => {
    const few = { data: new Float32Array(6), dim: 2 }
    expect(() => new LayerAlignment().add(0, few, few)).toThrow('at least four texts')
    expect(() => new LayerAlignment().add(0, meaning, few)).toThrow('at least four texts')
    expect(() => new LayerAlignment().card()).toThrow('none was measured')
  })
})
