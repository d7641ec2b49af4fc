import { expect, it } from 'vitest'
import { cosineDistance, pixelDistance } from './distances.js'

const picture = (...data: number[]) => ({ width: 1, height: 1, data: Uint8Array.from(data) })

it('measures pixels by their root mean square', () => {
  expect(pixelDistance(picture(0, 0, 0), picture(255, 255, 255))).toBe(1)
  expect(pixelDistance(picture(9, 9, 9), picture(9, 9, 9))).toBe(0)
  expect(pixelDistance(picture(0, 0, 0), picture(30, 0, 40))).toBeCloseTo(50 / Math.sqrt(3) / 255, 12)
  const wide = { width: 2, height: 1, data: new Uint8Array(6) }
  expect(() => pixelDistance(picture(0, 0, 0), wide)).toThrow('1 x 1 and 2 x 1 cannot be compared')
})

it('measures vectors by their angle', () => {
  expect(cosineDistance([1, 0], [5, 0])).toBe(0)
  expect(cosineDistance([1, 0], [0, 2])).toBe(1)
  expect(cosineDistance([1, 0], [-1, 0])).toBe(2)
  expect(cosineDistance([0, 0], [1, 0])).toBe(1)
})
