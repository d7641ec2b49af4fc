import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageFormat } from '../image/header.js'
import { isComplete } from './complete.js'

const file = (name: string) => new Uint8Array(readFileSync(new URL(`../image/fixtures/files/${name}`, import.meta.url)))
const pixels = { create: { width: 9, height: 7, channels: 3, background: '#123456' } } as const
const webp = () => sharp(pixels).webp().toBuffer()
const files: [ImageFormat, () => Promise<Uint8Array>][] = [
  ['png', async () => file('palette-70x50.png')],
  ['jpeg', async () => file('photo-320x213.jpg')],
  ['jpeg', async () => file('exif6-90x60.jpg')],
  ['jpeg', async () => sharp(pixels).jpeg({ progressive: true }).toBuffer()],
  ['webp', async () => new Uint8Array(await webp())],
]

describe('a picture file', () => {
  it.each(files)('%s is complete with its end, and with what follows it', async (format, read) => {
    const bytes = await read()
    expect(isComplete(bytes, format)).toBe(true)
    expect(isComplete(Uint8Array.of(...bytes, 0, 1, 2), format)).toBe(true)
    for (let cut = 1; cut < Math.min(400, bytes.length - 16); cut += 7)
      expect(isComplete(bytes.subarray(0, bytes.length - cut), format), String(cut)).toBe(false)
  })

  it('png is not with a flipped bit', () => {
    const bytes = file('noise-80x80.png')
    bytes[200]! ^= 4
    expect(isComplete(bytes, 'png')).toBe(false)
  })
})
