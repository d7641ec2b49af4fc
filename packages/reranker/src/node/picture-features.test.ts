import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { featureDistance, PictureFeatures, unitRows } from './picture-features.js'

describe('features of pictures', () => {
  it('are at no distance from themselves, and twice as far from their opposite as from what is unlike', () => {
    const rows = unitRows(Float32Array.of(3, 4, 0, 2), 2)
    expect([...rows].map(v => Math.round(v * 10))).toEqual([6, 8, 0, 10])
    expect(featureDistance([rows], [rows], 2)).toBeCloseTo(0)
    expect(featureDistance([rows], [rows.map(v => -v)], 2)).toBeCloseTo(2)
    expect(featureDistance([rows, rows], [unitRows(Float32Array.of(4, -3, 5, 0), 2), rows], 2)).toBeCloseTo(0.5)
  })

  it('of the embedded tower tell a small change from a large one', async () => {
    const folder = fileURLToPath(new URL('../../../tiny/paint/chinese-clip', import.meta.url))
    const tower = await PictureFeatures.load(folder, { threads: 1 })
    const drawn = (change: (v: number, i: number) => number) => ({
      width: 64,
      height: 64,
      data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => change(i % 192 < 96 ? 200 : 40, i)),
    })
    const of = (change: (v: number, i: number) => number) => tower.of(drawn(change))
    const [plain, near, far] = [await of(v => v), await of((v, i) => v + (i % 5)), await of((_, i) => (i * 37) % 256)]
    expect(plain).toHaveLength(5)
    const [small, large] = [featureDistance(plain, near, tower.width), featureDistance(plain, far, tower.width)]
    expect(small).toBeGreaterThan(0)
    expect(large).toBeGreaterThan(3 * small)
    await tower.dispose()
  })
})
