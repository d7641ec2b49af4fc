import { NonFiniteError, type Tensor, tensor } from '@viscpm/core'
import { describe, expect, it, vi } from 'vitest'
import { exampleTensor } from '../fixtures/weights.js'
import { DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler } from '../schedulers/index.js'
import {
  type DenoiseOptions,
  type Denoiser,
  type DenoisingStep,
  denoise,
  firstSample,
  latentMask,
  torchNoise,
} from './index.js'

const shape = [3, 4, 4, 6]
const context = exampleTensor([1, 5, 8])
const negativeContext = exampleTensor([1, 5, 8], 0.4)

/** Answers each sample by itself: a little of it, moved by the mean of its context. Counts what it was given. */
function model(): Denoiser & { batches: number[]; contexts: Tensor[] } {
  const batches: number[] = []
  const contexts: Tensor[] = []
  return {
    batches,
    contexts,
    async run(sample, timestep, states) {
      const [batch] = sample.shape as [number]
      batches.push(batch)
      contexts.push(states)
      const size = sample.data.length / batch
      const width = states.data.length / batch
      const means = Array.from({ length: batch }, (_, b) =>
        (states.data as Float32Array).slice(b * width, (b + 1) * width).reduce((sum, v) => sum + v / width, 0),
      )
      const data = (sample.data as Float32Array).map((v, i) => 0.3 * v + means[Math.floor(i / size)]! + timestep / 1e4)
      return tensor('float32', data, sample.shape)
    },
  }
}

function request(more: Partial<DenoiseOptions> = {}, seed: Parameters<typeof torchNoise>[0] = 1): DenoiseOptions {
  const run = more.run ?? new DDPMScheduler().start({ steps: 6 })
  const noise = more.noise ?? torchNoise(seed)
  const latents = more.latents ?? firstSample(run, shape, { noise }).latents
  return { denoiser: model(), run, latents, context, negativeContext, noise, ...more }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error as Error & { code?: string },
  )

describe('guidance', () => {
  it('runs both halves together, the unconditional one first', async () => {
    const denoiser = model()
    await denoise(request({ denoiser }))
    expect(denoiser.batches).toEqual(new Array(6).fill(6))
    const rows = (t: Tensor, first: number, end: number) => [...t.data.slice(first * 40, end * 40)]
    const repeated = (t: Tensor) => [1, 2, 3].flatMap(() => [...t.data])
    expect(rows(denoiser.contexts[0]!, 0, 3)).toEqual(repeated(negativeContext))
    expect(rows(denoiser.contexts[0]!, 3, 6)).toEqual(repeated(context))
  })

  it('at scale 1 equals the prompt alone up to rounding, and leaves the other half out where asked', async () => {
    const both = await denoise(request({ guidanceScale: 1 }))
    const denoiser = model()
    const alone = await denoise(request({ guidanceScale: 1, skipUnguided: true, denoiser, negativeContext: undefined }))
    expect(denoiser.batches).toEqual(new Array(6).fill(3))
    both.data.forEach((v, i) => {
      expect(Math.abs(v - alone.data[i]!)).toBeLessThan(1e-4)
    })
    expect((await denoise(request({ guidanceScale: 3 }))).data).not.toEqual(both.data)
  })

  it('applies in its interval only', async () => {
    const denoiser = model()
    await denoise(request({ denoiser, guidanceInterval: [0.3, 0.7] }))
    expect(denoiser.batches).toEqual([3, 3, 6, 6, 6, 3])
  })

  it('refuses what makes no sense', async () => {
    for (const [options, argument] of [
      [{ guidanceScale: Number.NaN }, 'guidanceScale'],
      [{ guidanceInterval: [0.8, 0.2] }, 'guidanceInterval'],
      [{ negativeContext: undefined }, 'negativeContext'],
      [{ negativeContext: exampleTensor([1, 6, 8]) }, 'negativeContext'],
      [{ context: exampleTensor([2, 5, 8]) }, 'context'],
      [{ batchSize: 0 }, 'batchSize'],
    ] as const)
      expect(await failure(denoise(request(options as never)))).toMatchObject({ code: 'INVALID_ARGUMENT', argument })
  })
})

it('goes through the model in smaller batches with the same result', async () => {
  const denoiser = model()
  const whole = await denoise(request())
  const parts = await denoise(request({ denoiser, batchSize: 2 }))
  expect(denoiser.batches.slice(0, 4)).toEqual([4, 2, 4, 2])
  expect(parts).toEqual(whole)
})

it('gives every picture its own noise with a list of seeds', async () => {
  const three = await denoise(request({}, [5, 6, 7]))
  const run = new DDPMScheduler().start({ steps: 6 })
  const noise = torchNoise([6])
  const { latents } = firstSample(run, [1, 4, 4, 6], { noise })
  const alone = await denoise(request({ run, noise, latents }))
  expect(three.data.slice(96, 192)).toEqual(alone.data)
  expect(() => torchNoise([1, 2])([3, 4])).toThrow(/2 are given for 3 pictures/)
  expect(() => torchNoise([])).toThrow(/empty/)
})

describe('each step', () => {
  it('is reported, with a preview', async () => {
    const steps: DenoisingStep[] = []
    const result = await denoise(request({ onStep: step => steps.push(step) }))
    expect(steps.map(({ step, steps: all, timestep }) => [step, all, timestep])).toEqual(
      [830, 664, 498, 332, 166, 0].map((t, i) => [i + 1, 6, t]),
    )
    expect(steps.at(-1)!.latents).toBe(result)
    const preview = steps[2]!.preview()
    expect(preview.map(({ width, height, data }) => [width, height, data.length])).toEqual(
      new Array(3).fill([6, 4, 72]),
    )
  })

  it('counts evaluations where a scheduler needs more than one for a step', async () => {
    const onStep = vi.fn()
    await denoise(request({ run: new HeunDiscreteScheduler().start({ steps: 4 }), onStep }))
    expect(onStep).toHaveBeenCalledTimes(7)
  })

  it('lets timers run and stops when aborted', async () => {
    const controller = new AbortController()
    const onStep = vi.fn()
    setTimeout(() => controller.abort(new Error('enough')), 0)
    const run = new DDPMScheduler().start({ steps: 500 })
    expect(await failure(denoise(request({ run, onStep, signal: controller.signal })))).toMatchObject({
      message: 'enough',
    })
    expect(onStep.mock.calls.length).toBeLessThan(100)
  })

  it.each([
    ['the model', async () => Promise.reject(new NonFiniteError({ message: 'the UNet gives NaN' }))],
    ['its output', async (x: Tensor) => tensor('float32', new Float32Array(x.data.length).fill(Number.NaN), x.shape)],
    ['the latents', async (x: Tensor) => tensor('float32', new Float32Array(x.data.length).fill(3e38), x.shape)],
  ])('is named when %s is not finite', async (_, answer) => {
    const good = model()
    let calls = 0
    const denoiser: Denoiser = { run: (x, ...rest) => (++calls === 3 ? answer(x) : good.run(x, ...rest)) }
    const error = await failure(denoise(request({ denoiser, guidanceScale: 4 })))
    expect(error).toMatchObject({ code: 'NON_FINITE', message: expect.stringContaining('step 3 of 6 (timestep 498)') })
  })
})

describe('from a picture', () => {
  const original = exampleTensor([1, 4, 4, 6])

  it('begins with its latents and the noise of the first step that is run', () => {
    const scheduler = new DDIMScheduler()
    const run = scheduler.start({ steps: 10, strength: 0.4 })
    expect(run.timesteps).toHaveLength(4)
    const { latents, noise } = firstSample(run, shape, { noise: torchNoise(3), original })
    expect(noise).toEqual(torchNoise(3)(shape))
    const row = { ...noise, shape: [1, 4, 4, 6], data: noise.data.slice(96, 192) }
    const expected = scheduler.start({ steps: 10 }).addNoise(original, row, run.timesteps[0]!)
    expect(latents.data.slice(96, 192)).toEqual(expected.data)
  })

  it.each([new DDPMScheduler(), new EulerDiscreteScheduler(), new HeunDiscreteScheduler()])(
    'paints only where the mask is white ($name)',
    async scheduler => {
      const white = Uint8Array.from({ length: 8 * 12 * 3 }, (_, i) => (Math.floor(i / 3) % 12 === 4 ? 255 : 0))
      const mask = latentMask({ width: 12, height: 8, data: white }, 2)
      expect([...mask.data]).toEqual([0, 1, 2, 3].flatMap(() => [0, 0, 1, 0, 0, 0]))
      const run = scheduler.start({ steps: 5, strength: 0.8 })
      const first = firstSample(run, shape, { noise: torchNoise(3), original })
      const all = tensor(
        'float32',
        Float32Array.from({ length: 288 }, (_, i) => original.data[i % 96]!),
        shape,
      )
      const inpainting = { original: all, noise: first.noise, mask }
      const result = await denoise(request({ run, latents: first.latents, inpainting }))
      result.data.forEach((v, i) => {
        if (mask.data[i % 24] === 1) expect(v).not.toBe(all.data[i])
        else expect(v).toBe(all.data[i])
      })
    },
  )

  it('refuses a mask in which nothing is white, or that does not fit', () => {
    const black = { width: 4, height: 4, data: new Uint8Array(48).fill(127) }
    expect(() => latentMask(black, 2)).toThrow(/white/)
    expect(() => latentMask(black, 3)).toThrow(/divisible/)
  })
})

it('scales given latents as drawn ones, and refuses those of another shape', () => {
  const run = new EulerDiscreteScheduler().start({ steps: 5 })
  const noise = torchNoise(9)
  const given = torchNoise(9)(shape)
  const { latents } = firstSample(run, shape, { noise, latents: given })
  expect(run.initNoiseSigma).toBeGreaterThan(5)
  expect(latents.data[7]).toBe(Math.fround(given.data[7]! * Math.fround(run.initNoiseSigma)))
  expect(() => firstSample(run, [1, 4, 4, 6], { noise, latents: given })).toThrow(
    expect.objectContaining({ code: 'WRONG_SHAPE' }),
  )
})
