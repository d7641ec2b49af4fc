import type { Image } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { contactSheet } from './contact-sheet.js'
import { digitPixels } from './digits.js'

const plain = (width: number, height: number, shade: number): Image => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(shade),
})
const at = ({ width, data }: Image, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
/** Pixels of one colour. */
const count = (image: Image, color: readonly number[]) => {
  let found = 0
  for (let i = 0; i < image.data.length; i += 3) if (color.every((c, k) => image.data[i + k] === c)) found++
  return found
}

describe('contactSheet', () => {
  it('lays pictures in rows, numbered, the chosen one framed', () => {
    const shades = [10, 20, 30]
    const pictures = shades.map((shade, i) => ({ image: plain(20, 10, shade), chosen: i === 1 }))
    const sheet = contactSheet(pictures, { columns: 2 })
    expect([sheet.width, sheet.height]).toEqual([2 * 28 + 8, 2 * (10 + 8 + 14) + 8])
    for (const shade of shades) expect(count(sheet, [shade, shade, shade])).toBe(200)
    // Upper left corners, left to right and top to bottom.
    expect([at(sheet, 8, 22)[0], at(sheet, 36, 22)[0], at(sheet, 8, 54)[0]]).toEqual(shades)
    // The frame, and the number 2 of the same colour.
    expect(count(sheet, [0, 150, 60])).toBe(28 * 18 - 200 + 4 * digitPixels(2).length)
    expect(count(sheet, [96, 96, 96])).toBe(4 * (digitPixels(1).length + digitPixels(3).length))
  })

  it('without labels is nothing but the pictures', () => {
    const pictures = [1, 2].map(shade => ({ image: plain(4, 4, shade), chosen: true }))
    const sheet = contactSheet(pictures, { columns: 2, labels: false })
    expect([sheet.width, sheet.height]).toEqual([8, 4])
    expect([count(sheet, [1, 1, 1]), count(sheet, [2, 2, 2])]).toEqual([16, 16])
  })

  it('makes many large pictures smaller', () => {
    const pictures = Array.from({ length: 9 }, () => ({ image: plain(2048, 1024, 5), chosen: false }))
    const sheet = contactSheet(pictures, { columns: 3 })
    expect(Math.max(sheet.width, sheet.height)).toBeLessThanOrEqual(4096 + 8)
    expect(sheet.width).toBeGreaterThan(4000)
    expect(sheet.height).toBeGreaterThan(2000)
  })
})

describe('digitPixels', () => {
  it('draws digits that all differ, side by side', () => {
    const drawn = Array.from({ length: 10 }, (_, i) => digitPixels(i).join(' '))
    expect(new Set(drawn).size).toBe(10)
    expect(digitPixels(7)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 3],
      [2, 4],
    ])
    expect(digitPixels(17).slice(-7)).toEqual(digitPixels(7).map(([x, y]) => [x + 4, y]))
  })
})
