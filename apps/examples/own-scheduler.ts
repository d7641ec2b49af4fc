// A scheduler of one's own, Euler's method in its plainest form, beside the ones that are there: node dist/own-scheduler.js
import { VisCPMPaint } from '@viscpm/paint/node'
import {
  EulerDiscreteScheduler,
  type Sample,
  type Scheduler,
  type SchedulerRun,
  type StartOptions,
  type StepInput,
  type StepResult,
} from '@viscpm/unet-sampler'

/** Noise levels of Stable Diffusion's training: sqrt((1 - a) / a) of each of its 1000 times. */
const sigmas = ((product = 1) =>
  Array.from({ length: 1000 }, (_, t) => {
    product *= 1 - (0.00085 ** 0.5 + ((0.012 ** 0.5 - 0.00085 ** 0.5) * t) / 999) ** 2
    return Math.sqrt((1 - product) / product)
  }))()

const combined = (a: number, x: Sample, b: number, y: Sample): Sample => ({
  ...x,
  data: x.data.map((value, i) => a * value + b * y.data[i]!),
})

/** All state of one denoising lives here. */
class PlainEulerRun implements SchedulerRun {
  readonly timesteps: readonly number[]
  readonly initNoiseSigma: number
  stepsTaken = 0

  constructor({ steps, strength = 1, beginAt = Math.round(steps * (1 - strength)) }: StartOptions) {
    const all = Array.from({ length: steps }, (_, i) => Math.round(999 - (i * 999) / Math.max(1, steps - 1)))
    this.timesteps = all.slice(beginAt)
    this.initNoiseSigma = sigmas[this.timesteps[0]!]!
  }

  scaleModelInput(sample: Sample, timestep: number): Sample {
    return combined(1 / Math.hypot(1, sigmas[timestep]!), sample, 0, sample)
  }

  /** The model gives the noise; a straight line leads from this level to the next. */
  step({ modelOutput, timestep, sample }: StepInput): StepResult {
    const next = this.timesteps[++this.stepsTaken]
    const change = (next === undefined ? 0 : sigmas[next]!) - sigmas[timestep]!
    const predOriginalSample = combined(1, sample, -sigmas[timestep]!, modelOutput)
    return { prevSample: combined(1, sample, change, modelOutput), predOriginalSample }
  }

  addNoise(original: Sample, noise: Sample, timestep: number | readonly number[]): Sample {
    if (typeof timestep !== 'number') throw new TypeError('one time for all pictures')
    return combined(1, original, sigmas[timestep]!, noise)
  }

  velocity(): never {
    throw new TypeError('for training only')
  }
}

const plainEuler: Scheduler = {
  name: 'PlainEulerScheduler',
  options: {},
  config: { _class_name: 'PlainEulerScheduler' }, // written into the picture's file
  start: request => new PlainEulerRun(request),
}

const paint = await VisCPMPaint.load('tiny')
const request = { prompt: 'a red apple', seed: 3, steps: 20, candidates: 1 }
const [own, known] = await Promise.all(
  [plainEuler, new EulerDiscreteScheduler()].map(
    async scheduler => (await paint.generate({ ...request, scheduler })).images[0]!,
  ),
)
const largest = own!.data.reduce((most, value, i) => Math.max(most, Math.abs(value - known!.data[i]!)), 0)
console.log(`largest difference to EulerDiscreteScheduler: ${largest} of 255`)
await paint.dispose()
