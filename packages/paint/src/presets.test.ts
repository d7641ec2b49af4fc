import { DPMSolverMultistepScheduler, EulerDiscreteScheduler } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, load, recorded } from './fixtures/painter.js'
import { type GenerateOptions, presets, type VisCPMPaint } from './index.js'

const { steps, guidanceInterval, deepCache, tokenMerging } = presets.fast

describe.skipIf(!recorded)('painting faster', () => {
  let painter: VisCPMPaint
  beforeAll(async () => {
    painter = await load()
  })
  afterAll(() => painter?.dispose())
  const quick = { prompt: '一只猫', steps: 3, seed: 5 } satisfies GenerateOptions
  const pictureOf = async (options: Partial<GenerateOptions>) =>
    (await painter.generate({ ...quick, ...options })).images[0]
  const told = async (options: Partial<GenerateOptions>) =>
    (await painter.generate({ ...quick, ...options })).candidates[0]!.metadata

  it('leaves every pixel as it is where nothing is left out', async () => {
    const plain = await pictureOf({})
    expect(await pictureOf({ deepCache: { interval: 1 } })).toEqual(plain)
    expect(await pictureOf({ guidanceInterval: [0, 1] })).toEqual(plain)
    expect(await pictureOf({ tokenMerging: 0 })).toEqual(plain)
    for (const options of [
      { deepCache: { interval: 2 } },
      { guidanceInterval: [0, 0.4] as const },
      { tokenMerging: 0.5 },
    ])
      expect(await pictureOf(options), Object.keys(options)[0]).not.toEqual(plain)
    // The session of merged tokens made way again, and no cache is left of the pictures before.
    expect(await pictureOf({})).toEqual(plain)
  })

  it('goes with several pictures at once, in parts, from a picture and in a mask', async () => {
    const image = { width: 64, height: 64, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256) }
    const mask = { ...image, data: image.data.map((_, i) => (i < 6000 ? 255 : 0)) }
    const options = { ...quick, preset: 'fast', image, mask, strength: 0.9, candidates: 3 } as const
    const whole = await painter.generate({ ...options, batchSize: 3, seed: [1, 2, 3] })
    const alone = await painter.generate({ ...options, batchSize: 1, seed: [1, 2, 3] })
    const worst = whole.candidates.map(({ image: a }, i) =>
      a.data.reduce((most, v, k) => Math.max(most, Math.abs(v - alone.candidates[i]!.image.data[k]!)), 0),
    )
    expect(Math.max(...worst)).toBeLessThanOrEqual(2)
  })

  it("'fast' stands for its settings, which the picture names", async () => {
    const fast = await told({ steps: undefined, preset: 'fast' })
    expect(fast).toMatchObject({ steps, guidanceInterval, scheduler: { _class_name: 'DPMSolverMultistepScheduler' } })
    expect(fast.deepCache).toEqual({ branch: 0, ...deepCache })
    expect(fast.tokenMerging).toBe(tokenMerging || undefined)
    // The scheduler is of this model's noise.
    const { scheduler } = await told({})
    expect(DPMSolverMultistepScheduler.fromConfig(scheduler).config).toEqual(fast.scheduler)
  })

  it('what is given itself comes before the preset', async () => {
    const own = {
      preset: 'fast',
      scheduler: new EulerDiscreteScheduler(),
      guidanceInterval: [0.1, 0.9],
      deepCache: { interval: 1 },
      tokenMerging: 0,
    } as const
    const found = await told(own)
    expect(found).toMatchObject({
      steps: 3,
      guidanceInterval: [0.1, 0.9],
      scheduler: { _class_name: 'EulerDiscreteScheduler' },
    })
    expect(found).not.toHaveProperty('deepCache')
    expect(found).not.toHaveProperty('tokenMerging')
  })

  it('refuses what is out of range before anything runs', async () => {
    for (const [options, argument] of [
      [{ preset: 'faster' }, 'preset'],
      [{ preset: 'toString' }, 'preset'],
      [{ deepCache: { interval: 0 } }, 'deepCache'],
      [{ deepCache: { interval: 2, branch: 99 } }, 'deepCache'],
      [{ tokenMerging: 0.9 }, 'tokenMerging'],
      [{ preset: 'fast', guidanceInterval: [1, 0] }, 'guidanceInterval'],
    ] as const)
      expect(await failure(painter.generate({ ...quick, ...(options as object) })), argument).toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument,
      })
  })
})
