import { type Progress, type Tensor, tensor } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { exampleTensor } from '../fixtures/weights.js'
import { decodeTiled } from './tiling.js'

/** Every latent pixel becomes 2 x 2 pixels: a decoder whose result does not depend on how the picture is cut. */
async function nearest(z: Tensor<'float32'>): Promise<Tensor<'float32'>> {
  const [, channels, h, w] = z.shape as [number, number, number, number]
  const data = Float32Array.from({ length: channels * h * w * 4 }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (4 * h * w)), Math.floor(i / (2 * w)) % (2 * h), i % (2 * w)]
    return z.data[(c * h + Math.floor(y / 2)) * w + Math.floor(x / 2)]!
  })
  return tensor('float32', data, [1, channels, 2 * h, 2 * w])
}

const tiling = { size: 8, scale: 2, channels: 2 }

describe('decodeTiled', () => {
  it.each([
    [9, 8],
    [8, 9],
    [14, 15],
    [20, 6],
    [26, 33],
  ])('puts %i x %i latents together again', async (h, w) => {
    const z = exampleTensor([1, 2, h, w])
    const sizes: number[] = []
    const out = await decodeTiled(z, tiling, tile => {
      sizes.push(Math.max(tile.shape[2]!, tile.shape[3]!))
      return nearest(tile)
    })
    const whole = await nearest(z)
    expect(out.shape).toEqual(whole.shape)
    out.data.forEach((v, i) => {
      expect(v).toBeCloseTo(whole.data[i]!, 5)
    })
    expect(Math.max(...sizes)).toBe(8)
    expect(sizes.length).toBe(Math.ceil((Math.max(h, 8) - 2) / 6) * Math.ceil((Math.max(w, 8) - 2) / 6))
  })

  it('fades linearly between tiles, to the right and down', async () => {
    let count = 0
    const values = [1, 2, 10, 20]
    const constant = async (tile: Tensor<'float32'>) => {
      const value = values[count++]!
      const [, , h, w] = tile.shape as [number, number, number, number]
      return tensor('float32', new Float32Array(4 * h * w).fill(value), [1, 1, 2 * h, 2 * w])
    }
    const out = await decodeTiled(exampleTensor([1, 1, 14, 14]), { ...tiling, channels: 1 }, constant)
    const at = (y: number, x: number) => out.data[y * 28 + x]
    // Tiles start at latent 0 and 6, overlapping in 2 latents, which are pixels 12 to 15.
    expect([11, 12, 13, 14, 15, 16].map(x => at(0, x))).toEqual([1, 1, 1.25, 1.5, 1.75, 2])
    expect([11, 12, 13, 14, 15, 16].map(y => at(y, 0))).toEqual([1, 1, 3.25, 5.5, 7.75, 10])
    expect(at(14, 14)).toBe((1 + 2 + 10 + 20) / 4)
    expect(at(27, 27)).toBe(20)
  })

  it('decodes at once what fits into a tile', async () => {
    const z = exampleTensor([1, 2, 8, 5])
    let given: Tensor | undefined
    await decodeTiled(z, tiling, tile => {
      given = tile
      return nearest(tile)
    })
    expect(given).toBe(z)
  })

  it('reports each tile, and stops between tiles when aborted', async () => {
    const seen: Progress[] = []
    const controller = new AbortController()
    const reason = new Error('enough')
    const run = decodeTiled(exampleTensor([1, 2, 14, 20]), tiling, nearest, {
      signal: controller.signal,
      onProgress: progress => {
        seen.push(progress)
        if (seen.length === 2) controller.abort(reason)
      },
    })
    await expect(run).rejects.toBe(reason)
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [1, 6],
      [2, 6],
    ])
  })
})
