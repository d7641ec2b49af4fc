import { describe, expect, it } from 'vitest'
import { VisCPMPaint } from './index.js'

const request = { prompt: 'a red cat', steps: 2, seed: 7, candidates: 1 }

async function painted(memory: 'low' | 'auto' | '3g', vaeTile?: number): Promise<Uint8Array> {
  const painter = await VisCPMPaint.load('tiny', { memory, ranker: false, ...(vaeTile !== undefined && { vaeTile }) })
  try {
    return (await painter.generate(request)).images[0]!.data as Uint8Array
  } finally {
    await painter.dispose()
  }
}

describe('a painter in the memory that it may take', () => {
  it('paints the same pixels in every exact way, and nearly the same in tiles', async () => {
    const [low, auto, sized] = [await painted('low'), await painted('auto'), await painted('3g')]
    expect(auto).toEqual(low)
    expect(sized).toEqual(low)
    const tiled = await painted('low', 8)
    expect(tiled).not.toEqual(low)
    const differences = tiled.map((value, i) => Math.abs(value - low[i]!))
    expect(differences.reduce((a, b) => a + b, 0) / low.length).toBeLessThan(40)
  })

  it('is refused before loading', async () => {
    await expect(VisCPMPaint.load('tiny', { memory: '20m' })).rejects.toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      hint: expect.stringContaining('--memory low'),
    })
  })

  it('refuses what is no size', async () => {
    await expect(VisCPMPaint.load('tiny', { memory: 'half' as never })).rejects.toMatchObject({ argument: 'memory' })
  })
})
