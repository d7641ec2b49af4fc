import { type Image, tensor } from '@viscpm/core'
import { expect, test } from 'vitest'
import { type ClipTowers, clipCosines, clipFeatures, clipScore } from './clip-score.js'

const unit = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)]
const grey = (value: number): Image => ({ width: 1, height: 1, data: new Uint8Array(3).fill(value) })

/** A prompt's angle is its number, a picture's its grey. */
const towers = {
  name: 'angles',
  config: { projectionDim: 2 },
  embedText: async (texts: readonly string[]) =>
    tensor('float32', Float32Array.from(texts.flatMap(text => unit(Number(text)))), [texts.length, 2]),
  embedImages: async (images: readonly Image[]) =>
    tensor('float32', Float32Array.from(images.flatMap(({ data }) => unit(data[0]!))), [images.length, 2]),
  dispose: async () => {},
} as unknown as ClipTowers

test('each prompt with its own picture; features that are known are taken', async () => {
  const [prompts, images] = [['0', '1', '3'], [0, 2, 0].map(grey)]
  const cosines = await clipCosines(towers, prompts, images)
  expect(cosines.map(c => Math.round(c * 1e5) / 1e5)).toEqual(
    [1, Math.cos(1), Math.cos(3)].map(c => Math.round(c * 1e5) / 1e5),
  )
  const features = await clipFeatures(towers).extract(images)
  expect(await clipCosines(towers, prompts, features)).toEqual(cosines)
  expect(await clipCosines(towers, [], [])).toEqual([])
})

test('the score is the mean of what is above 0, times 100, with an interval', () => {
  const { value, low, high } = clipScore([1, 0.5, -0.5])
  expect(value).toBeCloseTo(50, 12)
  expect(low).toBeLessThan(50)
  expect(high).toBeGreaterThan(50)
})
