import { isVisCPMError } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, denoise, fewestSteps, gaussian, sampleOf, variants, wavy } from './fixtures/every.js'
import { schedulerFromConfig } from './from-config.js'
import type { Sample, SchedulerRun } from './types.js'

const shape = [2, 3, 2]
const few = { numRuns: 8 }
const seeds = fc.integer({ min: 0, max: 2 ** 31 })

const scaled = (sample: Sample, by: number): Sample => ({ ...sample, data: sample.data.map(x => x * by) })
const zerosLike = (sample: Sample): Sample => scaled(sample, 0)
const finite = (sample: Sample) => sample.data.every(Number.isFinite)

describe.each(variants)('%s', (name, scheduler) => {
  const fewest = fewestSteps(scheduler)
  const whole = fewest === 1
  const steps = fc.integer({ min: fewest, max: 30 })
  const start = (n: number) => scheduler.start({ steps: n })

  it('gives the same again, whatever other runs do meanwhile', () => {
    fc.assert(
      fc.property(steps, steps, seeds, fc.infiniteStream(fc.boolean()), (n, m, seed, turns) => {
        const firsts = [gaussian(seed, shape), gaussian(seed + 1, shape)]
        const alone = [denoise(start(n), firsts[0]!, seed), denoise(start(m), firsts[1]!, seed + 1)]
        const runs = [start(n), start(m)]
        const generators = [new TorchGenerator(seed), new TorchGenerator(seed + 1)]
        const mixed = firsts.map(first => [first])
        while (runs.some(run => run.stepsTaken < run.timesteps.length)) {
          const wanted = turns.next().value ? 1 : 0
          const i = runs[wanted]!.stepsTaken < runs[wanted]!.timesteps.length ? wanted : 1 - wanted
          mixed[i]!.push(advance(runs[i]!, mixed[i]!.at(-1)!, generators[i]!))
        }
        expect(mixed).toEqual(alone)
      }),
      few,
    )
  })

  it('is not disturbed by a caller that uses buffers again', () => {
    const expected = denoise(start(9), gaussian(5, shape), 6).at(-1)!
    const run = start(9)
    const generator = new TorchGenerator(6)
    const sample = gaussian(5, shape)
    const output = zerosLike(sample)
    for (const timestep of run.timesteps) {
      output.data.set(wavy(run.scaleModelInput(sample, timestep), timestep).data)
      const noise = () => generator.randn(shape)
      sample.data.set(run.step({ modelOutput: output, timestep, sample, noise }).prevSample.data)
      output.data.fill(Number.NaN)
    }
    expect(sample).toEqual(expected)
  })

  // Churned samples hold more noise than the model was shown, and the largest variance leaves noise at the end.
  it.skipIf(/s_churn|fixed_large/.test(name))('leads to the picture when the model knows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: Math.max(fewest, 2), max: 30 }), seeds, (n, seed) => {
        const original = scaled(gaussian(seed, shape), 0.15)
        const run = start(n)
        const generator = new TorchGenerator(seed)
        const noise = () => generator.randn(shape)
        // How much of a sample is signal, how much noise: what addNoise makes of nothing but one of them.
        const [one, none] = [sampleOf([1]), sampleOf([0])]
        let sample = scaled(noise(), run.initNoiseSigma)
        for (const timestep of run.timesteps) {
          const alpha = run.addNoise(one, none, timestep).data[0]!
          const sigma = run.addNoise(none, one, timestep).data[0]!
          const data = sample.data.map((x, i) => (x - alpha * original.data[i]!) / sigma)
          const { prevSample, predOriginalSample } = run.step({
            modelOutput: { ...original, data },
            timestep,
            sample,
            noise,
          })
          for (const [i, x] of predOriginalSample.data.entries()) expect(x).toBeCloseTo(original.data[i]!, 1)
          sample = prevSample
        }
        // Some end at the lowest noise of the training, 0.03.
        for (const [i, x] of sample.data.entries()) expect(Math.abs(x - original.data[i]!)).toBeLessThan(0.15)
      }),
      few,
    )
  })

  it('numbers its timesteps downwards, within the training', () => {
    fc.assert(
      fc.property(fc.integer({ min: fewest, max: 1000 }), n => {
        let run: SchedulerRun
        try {
          run = start(n)
        } catch (error) {
          // Distilled models know 50 timesteps.
          expect(isVisCPMError(error, 'INVALID_ARGUMENT') && n > 50).toBe(true)
          return
        }
        const { timesteps, sigmas } = run
        expect(timesteps.length).toBeGreaterThanOrEqual(Math.min(n, 990))
        expect(timesteps.every((t, i) => t >= 0 && t <= 999 && (i === 0 || t <= timesteps[i - 1]!))).toBe(true)
        if (sigmas) expect(sigmas.length).toBe(timesteps.length + 1)
      }),
      { numRuns: 20 },
    )
  })

  it.skipIf(scheduler.name === 'LCMScheduler' || scheduler.name === 'TCDScheduler')(
    'stays finite with almost as many steps as the training has',
    () => {
      for (const n of [999, 1000]) {
        const run = start(n)
        const last = denoise(run, scaled(gaussian(1, [1, 2]), run.initNoiseSigma), 2).at(-1)!
        expect(finite(last), `${n}`).toBe(true)
      }
    },
  )

  it('runs a part of the steps for image-to-image', () => {
    if (!whole) {
      expect(() => scheduler.start({ steps: 10, strength: 0.5 })).toThrow('needs skipPrkSteps')
      return
    }
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }), (n, strength) => {
        const taken = Math.trunc(n * strength)
        if (taken < 1) {
          expect(() => scheduler.start({ steps: n, strength })).toThrow('less than one step')
          return
        }
        const run = scheduler.start({ steps: n, strength })
        const all = start(n)
        expect(run.timesteps).toEqual(all.timesteps.slice(all.timesteps.length - run.timesteps.length))
        const order = scheduler.name === 'HeunDiscreteScheduler' ? 2 : 1
        expect(all.timesteps.length - run.timesteps.length).toBe((n - taken) * order)
        expect(run.sigmas).toEqual(all.sigmas?.slice((n - taken) * order))
        const original = gaussian(3, shape)
        const first = run.addNoise(original, gaussian(4, shape), run.timesteps[0]!)
        expect(finite(denoise(run, first, 5).at(-1)!)).toBe(true)
        const byHand = scheduler.start({ steps: n, beginAt: (n - taken) * order })
        expect(byHand.timesteps).toEqual(run.timesteps)
      }),
      few,
    )
  })

  it('adds noise that can be taken away again', () => {
    fc.assert(
      fc.property(steps, seeds, fc.nat(), (n, seed, pick) => {
        const run = start(n)
        const timestep = run.timesteps[pick % run.timesteps.length]!
        const [x, e] = [gaussian(seed, shape), gaussian(seed + 1, shape)]
        const noisy = run.addNoise(x, e, timestep)
        const alpha = run.addNoise(sampleOf([1]), sampleOf([0]), timestep).data[0]!
        const sigma = run.addNoise(sampleOf([0]), sampleOf([1]), timestep).data[0]!
        for (const [i, value] of noisy.data.entries())
          expect((value - sigma * e.data[i]!) / alpha).toBeCloseTo(x.data[i]!, 3)
        // One timestep for all is the same as that timestep for each; v and the sample are a rotation of both.
        expect(run.addNoise(x, e, [timestep, timestep])).toEqual(noisy)
        const a = 1 / Math.hypot(1, sigma / alpha)
        const v = run.velocity(x, e, timestep)
        for (const [i, value] of v.data.entries())
          expect(value).toBeCloseTo(a * e.data[i]! - a * (sigma / alpha) * x.data[i]!, 4)
      }),
      few,
    )
  })

  it('is frozen, and made again by its config', () => {
    expect(Object.isFrozen(scheduler) && Object.isFrozen(scheduler.options) && Object.isFrozen(scheduler.config)).toBe(
      true,
    )
    const again = schedulerFromConfig(JSON.parse(JSON.stringify(scheduler.config)))
    expect(again.name).toBe(scheduler.name)
    expect(again.options).toEqual(scheduler.options)
    const sibling = schedulerFromConfig({ ...scheduler.config, _class_name: 'LMSDiscreteScheduler' })
    expect(schedulerFromConfig({ ...sibling.config, _class_name: scheduler.name }).options).toEqual(scheduler.options)
  })

  it('refuses steps out of order, and stays as it was', () => {
    const run = start(7)
    const first = gaussian(1, shape)
    const input = { modelOutput: first, sample: first, noise: () => gaussian(2, shape) }
    const refused = (timestep: number, message: string) => {
      for (const call of [() => run.step({ ...input, timestep }), () => run.scaleModelInput(first, timestep)])
        expect(call).toThrow(
          expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
        )
    }
    refused(run.timesteps.at(-1)!, `out of order: step 1 of ${run.timesteps.length}`)
    refused(1.25, 'is not a timestep of this run')
    const bad = { ...first, data: first.data.map((x, i) => (i === 3 ? Number.NaN : x)) }
    expect(() => run.step({ ...input, modelOutput: bad, timestep: run.timesteps[0]! })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: expect.stringContaining('holds NaN at element 3') }),
    )
    expect(run.stepsTaken).toBe(0)
    expect(denoise(run, first, 4)).toEqual(denoise(start(7), first, 4))
    refused(run.timesteps.at(-1)!, `all ${run.timesteps.length} steps of this run are taken`)
  })

  it('refuses what does not fit together', () => {
    const run = start(7)
    const [timestep] = run.timesteps as [number]
    const sample = gaussian(1, shape)
    const other = gaussian(1, [12])
    expect(() => run.step({ modelOutput: other, timestep, sample })).toThrow('modelOutput has shape [12]')
    expect(() => run.addNoise(sample, other, timestep)).toThrow('noise has shape [12]')
    expect(() => run.addNoise(sample, sample, [timestep])).toThrow('1 timesteps are given for a batch of 2')
    expect(() => run.velocity(sample, sample, 0.5)).toThrow('0.5 is not a timestep')
    expect(() => run.scaleModelInput({ ...sample, dtype: 'float16' } as never, timestep)).toThrow('must be float32')
  })

  it.each([0, -1, 1.5, Number.NaN, 1001])('refuses %s steps', n => {
    expect(() => start(n)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', argument: 'steps' }))
  })
})
