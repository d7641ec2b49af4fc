import { float32, type WeightSource } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import { describe, expect, it } from 'vitest'
import { findGoldens } from '../fixtures/goldens.js'
import { schedulerFromConfig } from './from-config.js'
import type { Sample, SchedulerRun } from './types.js'

const goldens = findGoldens('schedulers')

interface Case {
  readonly key: string
  readonly cls: string
  readonly num_inference_steps: number
  readonly config_override: object
  readonly step_kwargs: object
  readonly generator_seed: number
  readonly init_noise_sigma: number
}

const f32 = Math.fround
/** Fractional timesteps, which stand for noise levels that were chosen. */
const useKarras = ({ cls, key }: Case) => key.includes('karras') && /Euler|LMS|Heun/.test(cls)

/** Largest difference, relative to the largest value. */
function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let most = 0
  let worst = ours.length === theirs.length ? 0 : Number.POSITIVE_INFINITY
  for (let i = 0; i < theirs.length; i++) {
    most = Math.max(most, Math.abs(theirs[i]!))
    const d = Math.abs(ours[i]! - theirs[i]!)
    worst = Math.max(worst, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d)
  }
  return worst / most
}

/** The recorded tensors of one case. */
class Recorded {
  constructor(
    private readonly source: WeightSource,
    private readonly key: string,
  ) {}

  has(name: string): boolean {
    return this.source.has(`${this.key}/${name}`)
  }
  async numbers(name: string): Promise<number[]> {
    return Array.from((await this.source.read(`${this.key}/${name}`)).data as ArrayLike<number | bigint>, Number)
  }
  /** The rows of a stack of samples. */
  async samples(name: string): Promise<Sample[]> {
    if (!this.has(name)) return []
    const { data, shape } = await this.source.read(`${this.key}/${name}`)
    const size = data.length / shape[0]!
    return Array.from({ length: shape[0]! }, (_, i) =>
      float32((data as Float32Array).slice(i * size, (i + 1) * size), shape.slice(1)),
    )
  }
}

describe.skipIf(!goldens).each(['0.15.0', '0.35.2'] as const)('diffusers %s', version => {
  const json = goldens?.json(`schedulers_${version}.json`) as { base_config: object; cases: Case[] }
  const open = goldens?.open(`schedulers_${version}.safetensors`)
  const start = ({ cls, config_override, step_kwargs, num_inference_steps }: Case): SchedulerRun =>
    schedulerFromConfig(
      { ...json.base_config, ...config_override, ...step_kwargs, _class_name: cls },
      { diffusersVersion: version },
    ).start({ steps: num_inference_steps })

  it.each(goldens ? json.cases : [])('$key', async item => {
    const source = (await open)!
    const recorded = new Recorded(source, item.key)
    const trajectory = await recorded.samples('traj')
    const outputs = await recorded.samples('model_output')
    const b = (await source.read('common/B')).data as Float32Array
    const run = start(item)
    const timesteps = await recorded.numbers('timesteps')
    expect(run.timesteps.length).toBe(timesteps.length)
    // torch's square root and numpy's logarithm of float32 are off by a bit or two, otherwise on each kind of processor.
    for (const [i, t] of timesteps.entries())
      expect(Math.abs(run.timesteps[i]! - t), `timestep ${t}`).toBeLessThanOrEqual(useKarras(item) ? 1e-6 * t : 0)
    expect(Math.abs(run.initNoiseSigma / item.init_noise_sigma - 1)).toBeLessThan(1e-6)
    if (recorded.has('sigmas')) expect(difference(run.sigmas!, await recorded.numbers('sigmas'))).toBeLessThan(1e-6)

    // Fed with what was recorded, and on its own.
    const fed = start(item)
    const noise = (await recorded.samples('noise'))[Symbol.iterator]()
    const generator = new TorchGenerator(item.generator_seed)
    const originals = await recorded.samples('pred_original_sample')
    const inputs = await recorded.samples('scaled_input')
    let sample = trajectory[0]!
    const report: Record<string, number> = { fed: 0, original: 0, input: 0, free: 0 }
    const note = (name: string, d: number) => {
      report[name] = Math.max(report[name]!, d)
    }
    for (const [i, timestep] of run.timesteps.entries()) {
      const input = fed.scaleModelInput(trajectory[i]!, timestep)
      if (inputs[i]) note('input', difference(input.data, inputs[i].data))
      const { prevSample, predOriginalSample } = fed.step({
        modelOutput: outputs[i]!,
        timestep,
        sample: trajectory[i]!,
        noise: () => noise.next().value as Sample,
      })
      note('fed', difference(prevSample.data, trajectory[i + 1]!.data))
      if (originals[i]) note('original', difference(predOriginalSample.data, originals[i].data))

      const scaled = run.scaleModelInput(sample, timestep)
      const wave = f32(0.25 * f32(Math.sin(f32(0.01 * timestep))))
      const modelOutput = { ...scaled, data: scaled.data.map((x, k) => f32(f32(0.3) * x) + f32(wave * b[k]!)) }
      sample = run.step({ modelOutput, timestep, sample, noise: () => generator.randn(sample.shape) }).prevSample
      note('free', difference(sample.data, trajectory[i + 1]!.data))
    }
    expect(noise.next().done).toBe(true)
    expect(report.fed).toBeLessThan(1e-5)
    expect(report.original).toBeLessThan(1e-5)
    expect(report.input).toBeLessThan(1e-6)
    expect(report.free).toBeLessThan(1e-4)
  })
})
