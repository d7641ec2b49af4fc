import { float32, type Image, zeros } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { findGoldens } from '../fixtures/goldens.js'
import { floatToUint8, imagesToPixels, pixelsToImages } from './pixels.js'

describe('floatToUint8', () => {
  it('rounds float32(x * 255) half to even, and cuts off', () => {
    const halves = Float32Array.from([0.5, 1.5, 2.5, 253.5, 254.5], v => v / 255)
    const exact = halves.map(x => Math.fround(x * 255))
    // Which of them are halves in float32 is the machine's arithmetic, not ours: only those tell the rule.
    const expected = Array.from(exact, v => (v % 1 === 0.5 ? 2 * Math.round(v / 2) : Math.round(v)))
    expect(exact.filter(v => v % 1 === 0.5).length).toBeGreaterThan(2)
    expect(Array.from(floatToUint8(halves))).toEqual(expected)
    expect(Array.from(floatToUint8([-1, 0, 1, 7, 0.999, 1 / 255]))).toEqual([0, 0, 255, 255, 255, 1])
  })
})

const goldens = findGoldens('vae', 'cases.safetensors')
it.skipIf(!goldens)('rounds as recorded', async () => {
  const recorded = await goldens!.open('cases.safetensors')
  for (const [input, bytes] of [
    ['in', 'u8'],
    ['in2', 'u8_2'],
  ] as const) {
    const values = (await recorded.read(`rounding/${input}`)).data as Float32Array
    expect(floatToUint8(values)).toEqual((await recorded.read(`rounding/${bytes}`)).data)
  }
  await recorded.close()
})

const picture = (first: number): Image => ({
  width: 3,
  height: 2,
  data: Uint8Array.from({ length: 18 }, (_, i) => first + 11 * i),
})

describe('imagesToPixels and pixelsToImages', () => {
  it('are the inverse of each other for bytes', () => {
    const images = [picture(3), picture(60)]
    const pixels = imagesToPixels(images)
    expect(pixels.shape).toEqual([2, 3, 2, 3])
    expect(pixels.data[0]).toBe(Math.fround(Math.fround(3 / 255) * 2 - 1))
    expect(pixels.data[6]).toBe(Math.fround(Math.fround(14 / 255) * 2 - 1)) // green of the first pixel
    expect(pixelsToImages(pixels)).toEqual(images)
  })

  it('cut off what is beyond -1..1', () => {
    expect(Array.from(pixelsToImages(float32([-3, 1.5, 0], [1, 3, 1, 1]))[0]!.data)).toEqual([0, 255, 128])
  })

  it('refuse what is no batch of pictures', () => {
    expect(() => imagesToPixels([])).toThrow('images: at least one')
    expect(() => imagesToPixels([picture(0), { ...picture(0), width: 2 }])).toThrow('images[1]: 3 x 2 RGB is needed')
    expect(() => imagesToPixels([{ ...picture(0), data: new Uint8Array(24) }])).toThrow('with 24 bytes')
    expect(() => pixelsToImages(zeros('float32', [1, 4, 2, 2]))).toThrow('decoded: [batch, 3, height, width] is needed')
    expect(() => pixelsToImages(float32([0, Number.NaN, 0], [1, 3, 1, 1]))).toThrow('decoded: value 1 is NaN')
  })
})
