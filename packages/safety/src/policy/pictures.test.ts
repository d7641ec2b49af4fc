import type { Image } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { blackened, blurred } from './index.js'

function drawn(width: number, height: number, pixel: (x: number, y: number) => number): Image {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data.fill(pixel(i % width, Math.floor(i / width)), i * 3, i * 3 + 3)
  return { width, height, data }
}

it('blackened: the same size, nothing else', () => {
  const image = drawn(5, 3, () => 200)
  expect(blackened(image)).toEqual({ width: 5, height: 3, data: new Uint8Array(45) })
  expect(image.data[0]).toBe(200)
})

describe('blurred', () => {
  it('keeps one colour as it is', () => {
    const image = drawn(31, 17, () => 93)
    expect(blurred(image)).toEqual(image)
  })

  it('keeps broad shades and loses all detail', () => {
    const halves = blurred(drawn(96, 48, x => (x < 48 ? 0 : 255)))
    expect([halves.data[0], halves.data.at(-1)]).toEqual([0, 255])
    const checked = blurred(drawn(96, 96, (x, y) => ((x + y) % 2 === 0 ? 0 : 255)))
    for (const value of checked.data) expect(Math.abs(value - 127.5)).toBeLessThan(1)
    // Two neighbouring pixels never differ by more than a slow gradient does.
    const noise = blurred(drawn(120, 80, (x, y) => (x * 7919 + y * 104_729) % 256))
    for (let i = 3; i < 360; i++) expect(Math.abs(noise.data[i]! - noise.data[i - 3]!)).toBeLessThan(16)
  })

  it.each([
    [1, 1],
    [1, 9],
    [7, 1],
    [2, 3],
  ])('takes pictures of %i x %i', (width, height) => {
    const image = drawn(width, height, (x, y) => (x * 50 + y * 20) % 256)
    expect(blurred(image)).toMatchObject({ width, height })
    expect(blurred(image).data).toHaveLength(width * height * 3)
  })
})
