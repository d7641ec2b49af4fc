import { describe, expect, it } from 'vitest'
import { findGoldens } from '../fixtures/goldens.js'
import { makeBetas, zeroTerminalSnr } from './betas.js'
import { clipped } from './clip.js'
import { DDPMScheduler } from './ddpm.js'
import { karrasSigmas, timestepsOfSigmas, trainingSigmas } from './sigmas.js'
import { alphasCumprod } from './training.js'
import type { TrainingOptions } from './training-options.js'
import { solve } from './unipc.js'

const sd: TrainingOptions = { ...new DDPMScheduler().options }

const goldens = findGoldens('schedulers')
describe.skipIf(!goldens)('recorded tables', () => {
  it('have the bits of torch', async () => {
    const source = await goldens!.open('schedulers_0.15.0.safetensors')
    expect(makeBetas(sd)).toEqual((await source.read('ddpm_tables/betas')).data)
    expect(alphasCumprod(sd)).toEqual((await source.read('ddpm_tables/alphas_cumprod')).data)
  })

  it('add noise and velocity', async () => {
    const source = await goldens!.open('schedulers_0.15.0.safetensors')
    const read = async (name: string) => (await source.read(`add_noise/${name}`)) as never
    const timesteps = Array.from((await source.read('add_noise/timesteps')).data, Number)
    const run = new DDPMScheduler().start({ steps: 50 })
    const near = (ours: { data: Float32Array }, theirs: { data: Float32Array }) => {
      for (const [i, v] of theirs.data.entries()) expect(ours.data[i]).toBeCloseTo(v, 5)
    }
    near(run.addNoise(await read('original'), await read('noise'), timesteps), await read('out'))
    near(run.velocity(await read('original'), await read('noise'), timesteps), await read('velocity'))
  })
})

// torch 2.13 with diffusers' formulas: first, middle and last beta of ten.
describe('beta schedules', () => {
  const ten = { ...sd, numTrainTimesteps: 10, betaStart: 0.0001, betaEnd: 0.02 }
  it.each([
    ['linear', [0.0001, 0.01115556, 0.02]],
    ['scaled_linear', [0.0001, 0.00689097, 0.02]],
    ['squaredcos_cap_v2', [0.02790726, 0.30988344, 0.999]],
    ['sigmoid', [0.00014921, 0.01324905, 0.0199508]],
    ['exp', [0.69880579, 0.69880579, 0.69880579]],
  ] as const)('%s', (betaSchedule, expected) => {
    const betas = makeBetas({ ...ten, betaSchedule })
    for (const [i, at] of [0, 5, 9].entries()) expect(betas[at]).toBeCloseTo(expected[i]!, 6)
  })

  it('may be given as they are', () => {
    expect(makeBetas({ ...ten, trainedBetas: [0.25, 0.5] })).toEqual(Float32Array.of(0.25, 0.5))
  })

  it('can be moved to leave no signal', () => {
    const alphas = alphasCumprod(sd, true)
    expect(alphas.at(-1)).toBe(0)
    expect(alphas[0]).toBeCloseTo(alphasCumprod(sd)[0]!, 6)
    expect(zeroTerminalSnr(makeBetas(sd)).at(-1)).toBe(1)
  })
})

describe('noise levels', () => {
  const table = trainingSigmas(alphasCumprod(sd))

  it('know their timesteps', () => {
    const at = [0, 1, 500, 998, 999]
    const timesteps = timestepsOfSigmas(
      at.map(t => table[t]!),
      table,
    )
    for (const [i, t] of at.entries()) expect(timesteps[i]).toBeCloseTo(t, 2)
    expect(timestepsOfSigmas([0, 1e-9, 1e9], table)).toEqual([0, 0, 999])
  })

  it('of Karras have the ends that were asked for', () => {
    const sigmas = karrasSigmas(0.03, 14, 9)
    expect(sigmas[0]).toBeCloseTo(14, 10)
    expect(sigmas.at(-1)).toBeCloseTo(0.03, 10)
    expect(sigmas.every((s, i) => i === 0 || s < sigmas[i - 1]!)).toBe(true)
    expect(karrasSigmas(0.03, 14, 1)[0]).toBeCloseTo(14, 10)
  })
})

describe('the predicted sample', () => {
  const values = Float32Array.of(-4, -1, 0.5, 3, /* second of the batch */ 0.1, -0.2, 0.3, -0.4)
  const threshold = { thresholding: true, dynamicThresholdingRatio: 0.5, sampleMaxValue: 9 }

  it('is clipped', () => {
    const data = clipped(values, 2, { clipSample: true, clipSampleRange: 0.25 })
    expect(data).toEqual(Float32Array.of(-0.25, -0.25, 0.25, 0.25, 0.1, -0.2, 0.25, -0.25))
    expect(clipped(values, 2, { clipSample: false, clipSampleRange: 1 })).toEqual(values)
  })

  it('is brought within a percentile of its own, never below 1', () => {
    // Medians of the absolute values: 2 and 0.25.
    expect(clipped(values, 2, threshold)).toEqual(Float32Array.of(-1, -0.5, 0.25, 1, 0.1, -0.2, 0.3, -0.4))
    expect(clipped(values, 2, { ...threshold, sampleMaxValue: 1.5 })[1]).toBeCloseTo(-1 / 1.5, 6)
    expect(values[0]).toBe(-4)
  })
})

it('systems are solved, whatever their order', () => {
  expect(
    solve(
      [
        [0, 1, 0],
        [2, 0, 0],
        [0, 0, 4],
      ],
      [3, 8, 2],
    ),
  ).toEqual([4, 3, 0.5])
  const [x, y] = solve(
    [
      [1, 1],
      [-0.5, 1],
    ],
    [0.25, 1],
  ) as [number, number]
  expect(x + y).toBeCloseTo(0.25, 6)
  expect(-0.5 * x + y).toBeCloseTo(1, 6)
})
