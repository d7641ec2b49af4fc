import { type Tensor, tensor } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { exampleTensor } from '../fixtures/weights.js'
import { DDPMScheduler, DPMSolverMultistepScheduler, HeunDiscreteScheduler } from '../schedulers/index.js'
import { type DeepDenoiser, type DenoiseOptions, deepCacheOf, denoise, firstSample, torchNoise } from './index.js'

const shape = [3, 4, 4, 6]
const context = exampleTensor([1, 5, 8])
const negativeContext = exampleTensor([1, 5, 8], 0.4)

/** Its deep part is known for a sample and a context: what a shallow run gets must be of the same rows. */
function model(): DeepDenoiser & { calls: string[] } {
  const calls: string[] = []
  const rows = (t: Tensor) => t.shape[0]!
  const deepOf = (sample: Tensor, states: Tensor) => {
    const size = states.data.length / rows(states)
    const data = Float32Array.from({ length: rows(sample) * 2 }, (_, i) =>
      i % 2 ? Number(states.data[(i >> 1) * size]) : Number(sample.data[(i >> 1) * 96]),
    )
    return tensor('float32', data, [rows(sample), 2])
  }
  const outer = (sample: Tensor, deep: Tensor) =>
    tensor(
      'float32',
      (sample.data as Float32Array).map((v, i) => 0.2 * v + 0.1 * Number(deep.data[2 * Math.floor(i / 96) + 1])),
      sample.shape,
    )
  return {
    branches: 3,
    calls,
    async run(sample, _, states) {
      calls.push(`run ${rows(sample)}`)
      return outer(sample, deepOf(sample, states))
    },
    async runDeep(sample, _, states, { branch }) {
      calls.push(`deep ${rows(sample)}${branch ? ` of ${branch}` : ''}`)
      const deep = deepOf(sample, states)
      return { output: outer(sample, deep), deep }
    },
    async runShallow(sample, _, states, deep) {
      calls.push(`shallow ${rows(sample)}`)
      expect(rows(deep)).toBe(rows(sample))
      // Rows of the same contexts: the second value of each row.
      const expected = deepOf(sample, states).data
      for (let i = 1; i < expected.length; i += 2) expect(deep.data[i]).toBe(expected[i])
      return outer(sample, deep)
    },
  }
}

function request(more: Partial<DenoiseOptions> = {}): DenoiseOptions {
  const run = more.run ?? new DDPMScheduler().start({ steps: 6 })
  const noise = torchNoise(1)
  const { latents } = firstSample(run, shape, { noise })
  return { denoiser: model(), run, latents, context, negativeContext, noise, ...more }
}

async function callsOf(more: Partial<DenoiseOptions>): Promise<string[]> {
  const denoiser = model()
  await denoise(request({ denoiser, ...more }))
  return denoiser.calls
}

describe('deepCache', () => {
  it('of every step is what there is without', async () => {
    const plain = await denoise(request())
    const denoiser = model()
    expect(await denoise(request({ denoiser, deepCache: { interval: 1 } }))).toEqual(plain)
    expect(denoiser.calls).toEqual(new Array(6).fill('run 6'))
    expect(await denoise(request({ deepCache: undefined }))).toEqual(plain)
  })

  it('runs the whole model at every so many-th step', async () => {
    expect(await callsOf({ deepCache: { interval: 3, branch: 1 } })).toEqual([
      'deep 6 of 1',
      'shallow 6',
      'shallow 6',
      'deep 6 of 1',
      'shallow 6',
      'shallow 6',
    ])
  })

  it('is of each part of the pictures alone', async () => {
    const pair = (what: string) => [`${what} 4`, `${what} 2`]
    expect(await callsOf({ deepCache: { interval: 2 }, batchSize: 2 })).toEqual(
      [1, 2, 3].flatMap(() => [...pair('deep'), ...pair('shallow')]),
    )
  })

  it('is cut in half where guidance ends, and made anew where it begins', async () => {
    expect(await callsOf({ deepCache: { interval: 6 }, guidanceInterval: [0, 0.5] })).toEqual([
      'deep 6',
      'shallow 6',
      'shallow 6',
      'shallow 3',
      'shallow 3',
      'shallow 3',
    ])
    expect(await callsOf({ deepCache: { interval: 6 }, guidanceInterval: [0.3, 0.7] })).toEqual([
      'deep 3',
      'shallow 3',
      'deep 6',
      'shallow 6',
      'shallow 6',
      'shallow 3',
    ])
  })

  it('goes with solvers of several steps, and with several evaluations of one', async () => {
    const several = new DPMSolverMultistepScheduler().start({ steps: 4 })
    expect(await callsOf({ run: several, deepCache: { interval: 2 } })).toEqual([
      'deep 6',
      'shallow 6',
      'deep 6',
      'shallow 6',
    ])
    const twice = new HeunDiscreteScheduler().start({ steps: 3 })
    expect(await callsOf({ run: twice, deepCache: { interval: 2 } })).toHaveLength(5)
  })

  it('does not outlive one denoising', async () => {
    const denoiser = model()
    for (let i = 0; i < 2; i++)
      await denoise(request({ denoiser, run: new DDPMScheduler().start({ steps: 1 }), deepCache: { interval: 9 } }))
    expect(denoiser.calls).toEqual(['deep 6', 'deep 6'])
  })

  it('refuses what makes no sense', async () => {
    for (const [deepCache, found] of [
      [{ interval: 0 }, 'interval must be a whole number from 1, not 0'],
      [{ interval: 2.5 }, 'not 2.5'],
      [{ interval: '3' }, 'not 3'],
      [{ interval: 2, branch: 3 }, 'branch must be a whole number from 0 to 2, not 3'],
      [{ interval: 2, branch: -1 }, 'not -1'],
      [{ interval: 2, every: 1 }, 'no option every'],
      [{}, 'not undefined'],
      [3, 'must be an object'],
      [null, 'must be an object'],
    ] as const)
      await expect(denoise(request({ deepCache: deepCache as never }))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument: 'deepCache',
        message: expect.stringContaining(found),
      })
    const { run } = model()
    await expect(denoise(request({ denoiser: { run }, deepCache: { interval: 2 } }))).rejects.toMatchObject({
      argument: 'deepCache',
      message: expect.stringContaining('no deep part'),
    })
    expect(deepCacheOf({ interval: 2, branch: 99 })).toEqual({ interval: 2, branch: 99 })
  })
})
