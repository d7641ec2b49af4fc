import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { float32, type WeightSource } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import { TorchGenerator } from '@viscpm/core/random'
import { DDPMScheduler, type Sample, type SchedulerRun, schedulerFromConfig } from '@viscpm/unet-sampler'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference, values } from './tensors.js'

const versions = ['0.15.0', '0.35.2'] as const

interface Case {
  readonly key: string
  readonly cls: string
  readonly num_inference_steps: number
  readonly config_override: object
  readonly step_kwargs: object
  readonly generator_seed: number
  readonly init_noise_sigma: number
  /** Steps, from 0, at which noise was drawn. */
  readonly noise_steps?: readonly number[]
}

/** A case of one version, for messages. */
interface NamedCase extends Case {
  readonly id: string
}

interface Index {
  readonly base_config: object
  readonly cases: readonly Case[]
}

/** Of differences relative to the largest value. */
const tolerances = {
  timesteps: 0,
  // Fractions between training timesteps, by float32 logarithms that differ from processor to processor.
  'timesteps of chosen levels': 1e-6,
  sigmas: 1e-5,
  steps: 1e-5,
  trajectories: 1e-4,
  'trajectories, noise drawn anew': 1e-4,
  tables: 1e-5,
} as const
type Tallies = Readonly<Record<keyof typeof tolerances, Tally>>

type Numbers = ArrayLike<number>

function relative(ours: Numbers, theirs: Numbers): number {
  const most = Array.from(theirs).reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  return maxDifference(ours, theirs) / (most || 1)
}

/** The rows of a recorded stack of samples; none where nothing was recorded. */
async function samples(source: WeightSource, key: string): Promise<Sample[]> {
  if (!source.has(key)) return []
  const { data, shape } = await source.read(key)
  const size = data.length / shape[0]!
  return Array.from({ length: shape[0]! }, (_, i) =>
    float32((data as Float32Array).slice(i * size, (i + 1) * size), shape.slice(1)),
  )
}

/** The model of the recording: 0.3 * input + 0.25 * sin(0.01 t) * B. */
function model(input: Sample, timestep: number, b: Float32Array): Sample {
  const wave = Math.fround(0.25 * Math.fround(Math.sin(Math.fround(0.01 * timestep))))
  const share = Math.fround(0.3)
  return { ...input, data: input.data.map((x, i) => Math.fround(share * x) + Math.fround(wave * b[i]!)) }
}

/** Every step from what was recorded before it. */
async function compareSteps(run: SchedulerRun, source: WeightSource, item: NamedCase, tally: Tally): Promise<void> {
  const recorded = (name: string) => samples(source, `${item.key}/${name}`)
  const [trajectory, outputs, noise, originals, inputs] = await Promise.all(
    ['traj', 'model_output', 'noise', 'pred_original_sample', 'scaled_input'].map(recorded),
  )
  const drawn: number[] = []
  const worst = { 'the next sample': 0, 'the predicted original': 0, 'the scaled input': 0 }
  const note = (name: keyof typeof worst, ours: Sample, theirs: Sample | undefined) => {
    if (theirs) worst[name] = Math.max(worst[name], relative(ours.data, theirs.data))
  }
  for (const [i, timestep] of run.timesteps.entries()) {
    const sample = trajectory![i]!
    note('the scaled input', run.scaleModelInput(sample, timestep), inputs![i])
    const { prevSample, predOriginalSample } = run.step({
      modelOutput: outputs![i]!,
      timestep,
      sample,
      noise: () => noise![drawn.push(i) - 1]!,
    })
    note('the next sample', prevSample, trajectory![i + 1])
    note('the predicted original', predOriginalSample, originals![i])
  }
  const errors = Object.entries(worst).map(([name, error]) => [name, [error, tolerances.steps]] as const)
  const draws = maxDifference(drawn, item.noise_steps ?? [])
  tally.add(item.id, { ...Object.fromEntries(errors), 'steps with noise': [draws, 0] })
}

/** The whole run on its own. */
async function trajectoryError(
  run: SchedulerRun,
  source: WeightSource,
  item: Case,
  noise: () => Sample,
): Promise<number> {
  const trajectory = await samples(source, `${item.key}/traj`)
  const b = await values<Float32Array>(source, 'common/B')
  let sample = trajectory[0]!
  let worst = trajectory.length === run.timesteps.length + 1 ? 0 : Number.POSITIVE_INFINITY
  for (const [i, timestep] of run.timesteps.entries()) {
    const modelOutput = model(run.scaleModelInput(sample, timestep), timestep, b)
    sample = run.step({ modelOutput, timestep, sample, noise }).prevSample
    worst = Math.max(worst, relative(sample.data, trajectory[i + 1]?.data ?? []))
  }
  return worst
}

async function compareCase(start: () => SchedulerRun, source: WeightSource, item: NamedCase, tallies: Tallies) {
  const { id, key, generator_seed, init_noise_sigma } = item
  const run = start()
  const timesteps = (await values<number[]>(source, `${key}/timesteps`)).values()
  const expected = Array.from(timesteps, Number)
  const chosen = !expected.every(Number.isInteger) && key.includes('karras')
  const list = chosen ? 'timesteps of chosen levels' : 'timesteps'
  const difference = chosen ? relative(run.timesteps, expected) : maxDifference(run.timesteps, expected)
  tallies[list].add(id, { timesteps: [difference, tolerances[list]] })

  const limit = tolerances.sigmas
  const levels = source.has(`${key}/sigmas`) ? await values<Float64Array>(source, `${key}/sigmas`) : undefined
  tallies.sigmas.add(id, {
    'initial sigma': [Math.abs(run.initNoiseSigma / init_noise_sigma - 1), limit],
    ...(levels && { sigmas: [relative(run.sigmas ?? [], levels), limit] }),
  })

  await compareSteps(start(), source, item, tallies.steps)
  const noise = (await samples(source, `${key}/noise`)).values()
  const free = await trajectoryError(run, source, item, () => noise.next().value!)
  tallies.trajectories.add(id, { trajectory: [free, tolerances.trajectories] })
  if (!item.noise_steps?.length) return
  const generator = new TorchGenerator(generator_seed)
  const { shape } = source.info('common/B')
  const anew = await trajectoryError(start(), source, item, () => generator.randn(shape))
  const tally = tallies['trajectories, noise drawn anew']
  tally.add(id, { trajectory: [anew, tolerances.trajectories] })
}

/** The training's table, by what it makes of nothing but signal; noise added and v, at any timestep. */
async function compareTables(source: WeightSource, tally: Tally, version: string): Promise<void> {
  const run = new DDPMScheduler().start({ steps: 1 })
  const add = (name: string, ours: Numbers, theirs: Numbers) =>
    tally.add(`${version} ${name}`, { [name]: [relative(ours, theirs), tolerances.tables] })
  const alphas = await values<Float32Array>(source, 'ddpm_tables/alphas_cumprod')
  const one = float32(new Float32Array(alphas.length).fill(1), [alphas.length, 1])
  const none = float32(new Float32Array(alphas.length), [alphas.length, 1])
  const all = Array.from(alphas.keys())
  add('signal', run.addNoise(one, none, all).data, alphas.map(Math.sqrt))
  const noiseLevels = alphas.map(a => Math.sqrt(1 - a))
  add('noise', run.addNoise(none, one, all).data, noiseLevels)

  const read = async (name: string) => (await source.read(`add_noise/${name}`)) as Sample
  const timesteps = Array.from((await source.read('add_noise/timesteps')).data, Number)
  const [original, noise] = [await read('original'), await read('noise')]
  add('add_noise', run.addNoise(original, noise, timesteps).data, (await read('out')).data)
  add('velocity', run.velocity(original, noise, timesteps).data, (await read('velocity')).data)
}

/** Schedulers of both diffusers versions: every case under `schedulers/`. */
export async function runSchedulers(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'schedulers')
  const entries = Object.entries(tolerances)
  const tallies = Object.fromEntries(
    entries.map(([name, limit]) => [name, new Tally(`schedulers/${name}`, limit)]),
  ) as unknown as Tallies
  for (const version of versions) {
    const file = join(folder, `schedulers_${version}.json`)
    if (!existsSync(file)) continue
    const { base_config, cases } = JSON.parse(await readFile(file, 'utf8')) as Index
    const source = await openCheckpoint(join(folder, `schedulers_${version}.safetensors`))
    await compareTables(source, tallies.tables, version)
    for (const item of cases) {
      const config = { ...base_config, ...item.config_override, ...item.step_kwargs, _class_name: item.cls }
      const scheduler = schedulerFromConfig(config, { diffusersVersion: version })
      const start = () => scheduler.start({ steps: item.num_inference_steps })
      await compareCase(start, source, { ...item, id: `${version} ${item.key}` }, tallies)
    }
    await source.close()
  }
  return Object.values(tallies)
    .map(tally => tally.result())
    .filter(({ cases }) => cases > 0)
}
