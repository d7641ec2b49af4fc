import { describe, expect, it } from 'vitest'
import { pictureEquivalence } from './pictures.js'

const distance = (a: number, b: number) => Math.abs(a - b)

describe('pictureEquivalence', () => {
  it('sets the other language against other seeds and other prompts', () => {
    const card = pictureEquivalence(
      [
        { id: 'a', en: [0, 2], zh: [1, 3] },
        { id: 'b', en: [10, 12], zh: [10, 12] },
      ],
      distance,
    )
    expect(card.each).toEqual([
      { id: 'a', languages: 1, otherSeed: 2, otherPrompt: 9 },
      { id: 'b', languages: 0, otherSeed: 2, otherPrompt: 10 },
    ])
    expect(card.languages.value).toBe(0.5)
    expect(card.equivalence.value).toBeCloseTo(1 - 0.5 / 9.5, 12)
    expect(card.seedEquivalence.value).toBeCloseTo(1 - 2 / 9.5, 12)
    expect(card.equivalence.low).toBeLessThanOrEqual(card.equivalence.value)
    expect([card.found.value, card.chance]).toEqual([1, 0.5])
  })

  it('is 0 where the language moves a picture as far as another prompt does', () => {
    const card = pictureEquivalence(
      [
        { id: 'a', en: [0, 0], zh: [10, 10] },
        { id: 'b', en: [0, 0], zh: [10, 10] },
      ],
      distance,
    )
    expect(card.equivalence.value).toBe(0)
    expect(card.found.value).toBe(0)
  })

  it.each([
    [[{ id: 'a', en: [1, 2], zh: [1, 2] }]],
    [
      [
        { id: 'a', en: [1], zh: [1] },
        { id: 'b', en: [1], zh: [1] },
      ],
    ],
    [
      [
        { id: 'a', en: [1, 2], zh: [1] },
        { id: 'b', en: [1, 2], zh: [1, 2] },
      ],
    ],
  ])('needs two prompts with two seeds each', pairs => {
    expect(() => pictureEquivalence(pairs, distance)).toThrow('at least two prompts')
  })
})
