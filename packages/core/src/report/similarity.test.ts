import { expect, it } from 'vitest'
import { commonStart, peakSignalToNoise, sequenceSimilarity } from './similarity.js'

it('counts insertions, deletions and replacements', () => {
  expect(sequenceSimilarity([...'kitten'], [...'sitting'])).toBeCloseTo(1 - 3 / 7, 12)
  expect(sequenceSimilarity([...'saturday'], [...'sunday'])).toBeCloseTo(1 - 3 / 8, 12)
  expect(sequenceSimilarity([1, 2, 3], [1, 2, 3])).toBe(1)
  expect(sequenceSimilarity([1, 2], [])).toBe(0)
  expect(sequenceSimilarity([], [])).toBe(1)
})

it('finds the common beginning', () => {
  expect([commonStart([1, 2, 3], [1, 2, 4]), commonStart([1], [1, 2]), commonStart([], [1])]).toEqual([2, 1, 0])
})

it('tells how much of a picture is noise', () => {
  // One of four bytes is off by 10: MSE 25, 10 log10(255^2 / 25)
  expect(peakSignalToNoise(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 14))).toBeCloseTo(34.1514, 4)
  expect(peakSignalToNoise(Uint8Array.of(7), Uint8Array.of(7))).toBe(Number.POSITIVE_INFINITY)
  expect(peakSignalToNoise(Uint8Array.of(7), Uint8Array.of(7, 7))).toBeNaN()
})
