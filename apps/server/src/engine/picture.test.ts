import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeMask, decodePicture } from './picture.js'

const [white, black] = [
  [255, 255, 255],
  [0, 0, 0],
] as const

/** A PNG of one row. */
async function row(channels: 3 | 4, ...pixels: (readonly number[])[]): Promise<Uint8Array> {
  const raw = { width: pixels.length, height: 1, channels }
  return new Uint8Array(await sharp(Buffer.from(pixels.flat()), { raw }).png().toBuffer())
}

describe('a mask', () => {
  it('is white where it is painted anew', async () => {
    const { data } = await decodeMask(await row(3, white, black))
    expect([...data]).toEqual([...white, ...black])
  })

  it('with transparent places means those, whatever colour is under them', async () => {
    const { data } = await decodeMask(await row(4, [...white, 255], [...black, 0], [9, 9, 9, 0]))
    expect([...data]).toEqual([...black, ...white, ...white])
  })

  it('that is opaque all over is read by its colours, alpha or not', async () => {
    const { data } = await decodeMask(await row(4, [...white, 255], [...black, 255]))
    expect([...data]).toEqual([...white, ...black])
  })

  it('is a picture', async () => {
    await expect(decodeMask(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'IMAGE' })
  })
})

it('a picture is put on white', async () => {
  const { data } = await decodePicture(await row(4, [0, 0, 0, 0], [1, 2, 3, 255]))
  expect([...data]).toEqual([...white, 1, 2, 3])
})
