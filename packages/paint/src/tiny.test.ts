import { readFileSync } from 'node:fs'
import { sharpCodec } from '@viscpm/core/node'
import { DPMSolverMultistepScheduler } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VisCPMPaint as Paint } from './index.js'
import { VisCPMPaint } from './node/index.js'

interface Recorded {
  readonly steps: number
  readonly guidance_scale: number
  readonly items: readonly { picture: string; prompt: string; seed: number; score: number }[]
}

const recorded = new URL('../../tiny/eval/paint/', import.meta.url)
const set = JSON.parse(readFileSync(new URL('set.json', recorded), 'utf8')) as Recorded

describe('the embedded painter', () => {
  let painter: Paint
  beforeAll(async () => {
    painter = await VisCPMPaint.load('tiny')
  })
  afterAll(() => painter.dispose())

  it.each(set.items)('paints $prompt as it did where it was trained', async ({ picture, prompt, seed, score }) => {
    const scheduler = new DPMSolverMultistepScheduler(DPMSolverMultistepScheduler.diffusers015)
    const { steps, guidance_scale: guidanceScale } = set
    const { candidates } = await painter.generate({ prompt, seed, steps, guidanceScale, scheduler, candidates: 1 })
    const [ours, theirs] = [candidates[0]!, await sharpCodec().decode(readFileSync(new URL(picture, recorded)))]
    expect([ours.image.width, ours.image.height]).toEqual([theirs.width, theirs.height])
    const differences = ours.image.data.map((level, i) => Math.abs(level - theirs.data[i]!))
    // Kernels add up in another order; twenty guided steps carry that on.
    expect(Math.max(...differences)).toBeLessThanOrEqual(4)
    expect(ours.score).toBeCloseTo(score, 1)
  })

  it('knows how its latents look', async () => {
    const seen: number[][] = []
    const { images } = await painter.generate({
      prompt: 'a cat on a black background',
      seed: 1,
      steps: 8,
      candidates: 1,
      onStep: ({ preview }) => seen.push([...preview()[0]!.data.subarray(0, 3)]),
    })
    const corner = images[0]!.data.subarray(0, 3)
    for (const [i, level] of seen.at(-1)!.entries()) expect(Math.abs(level - corner[i]!)).toBeLessThan(48)
  })
})
