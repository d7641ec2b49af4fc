import { float32 } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import { describe, expect, it } from 'vitest'
import { DDIMScheduler } from './ddim.js'
import { schedulerFromConfig } from './from-config.js'
import { HeunDiscreteScheduler } from './heun-discrete.js'
import { stableDiffusionScheduler } from './stable-diffusion.js'
import type { Sample } from './types.js'

/**
 * Image-to-image of diffusers 0.35.2: 11 steps, strength 0.6 (get_timesteps, set_begin_index, add_noise), with the model
 * 0.5 * input + 0.1; torch's noise, seed 3. Class, changes of the config, what comes out.
 */
const recorded: [string, object, number[]][] = [
  ['DDPMScheduler', {}, [0.0257492, -0.4215242, 0.5277828, 1.008199]],
  ['DDIMScheduler', { eta: 0.5 }, [0.4647741, -0.5288481, 0.364745, 0.9175851]],
  ['PNDMScheduler', {}, [0.8476095, -0.426385, 0.09430673, 0.3063191]],
  ['LMSDiscreteScheduler', {}, [0.773043, -0.4892925, 0.06842413, 0.376937]],
  ['EulerDiscreteScheduler', { use_karras_sigmas: true }, [0.7981058, -0.5639437, 0.111315, 0.6173047]],
  ['EulerAncestralDiscreteScheduler', {}, [-0.0170799, -0.3863378, 0.5393907, 0.9580292]],
  ['HeunDiscreteScheduler', {}, [0.8451849, -0.4986959, 0.09504844, 0.4234908]],
  ['DPMSolverMultistepScheduler', {}, [0.8641478, -0.4625263, 0.07535449, 0.2859063]],
  [
    'DPMSolverMultistepScheduler',
    { algorithm_type: 'sde-dpmsolver++', use_karras_sigmas: true },
    [-0.2577077, -0.6630525, 0.5197898, 1.273775],
  ],
  ['DPMSolverSinglestepScheduler', { solver_order: 3 }, [0.8671213, -0.4668356, 0.0739978, 0.2857054]],
  ['UniPCMultistepScheduler', {}, [0.8643345, -0.4619742, 0.07575832, 0.286252]],
  ['LCMScheduler', {}, [-0.6356429, -0.2409773, 0.5580646, 0.4103976]],
  ['TCDScheduler', {}, [-0.2717671, -0.4875697, 0.7270914, 1.014658]],
]

it.each(recorded)('%s %j begins in the middle as diffusers does', (name, change, expected) => {
  const scheduler = schedulerFromConfig({ ...stableDiffusionScheduler, ...change, _class_name: name })
  const run = scheduler.start({ steps: 11, strength: 0.6 })
  const generator = new TorchGenerator(3)
  const noise = (): Sample => generator.randn([1, 1, 2, 2])
  let sample = run.addNoise(float32([0.5, -1, 0.25, 2], [1, 1, 2, 2]), noise(), run.timesteps[0]!)
  for (const timestep of run.timesteps) {
    const input = run.scaleModelInput(sample, timestep)
    const modelOutput = { ...input, data: input.data.map(x => 0.5 * x + 0.1) }
    sample = run.step({ modelOutput, timestep, sample, noise }).prevSample
  }
  for (const [i, value] of expected.entries()) expect(sample.data[i]).toBeCloseTo(value, 5)
})

describe('start', () => {
  const scheduler = new DDIMScheduler()
  const refused = (request: object, argument: string) =>
    expect(() => scheduler.start({ steps: 10, ...request })).toThrow(
      expect.objectContaining({ name: 'InvalidArgumentError', argument }),
    )

  it('refuses a strength outside 0..1, or one that leaves no step', () => {
    for (const strength of [0, -0.1, 1.1, Number.NaN, 0.09]) refused({ strength }, 'strength')
    expect(scheduler.start({ steps: 10, strength: 0.1 }).timesteps).toEqual([1])
    expect(scheduler.start({ steps: 10, strength: 1 }).timesteps.length).toBe(10)
  })

  it('refuses a beginning that is not there', () => {
    for (const beginAt of [-1, 10, 0.5]) refused({ beginAt }, 'beginAt')
    refused({ beginAt: 2, strength: 0.5 }, 'beginAt')
    expect(() => new HeunDiscreteScheduler().start({ steps: 10, beginAt: 3 })).toThrow('divisible by 2')
  })

  it('refuses requests that it does not know', () => refused({ eta: 1 }, 'eta'))

  it('refuses steps whose offset leads beyond the training', () => {
    expect(() => scheduler.start({ steps: 1000 })).toThrow('1000 steps reach timestep 1000, the model knows 0 to 999')
  })
})
