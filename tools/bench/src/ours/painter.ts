import { join } from 'node:path'
import { type Backend, type Tensor, tensor, toFloat32, type WeightSource } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import {
  AutoencoderKL,
  DPMSolverMultistepScheduler,
  denoise,
  parseUNetConfig,
  parseVaeConfig,
  pixelsToImages,
  UNet2DConditionModel,
} from '@viscpm/unet-sampler'
import type { PaintRequest, Reply, Request } from '../protocol.js'
import { Clock } from './clock.js'

interface Inputs {
  /** [rows, 4, height, width] */
  readonly latents: Tensor<'float32'>
  /** [1, tokens, width] */
  readonly context: Tensor<'float32'>
  readonly negative: Tensor<'float32'>
}

const every = (data: Float32Array | Uint8Array, step: number): number[] => [...data.filter((_, i) => i % step === 0)]

/** The painting half: UNet, VAE decoder where there is one, and the inputs that both sides read. */
export class Painter {
  private constructor(
    private readonly unet: UNet2DConditionModel,
    private readonly vae: AutoencoderKL | undefined,
    private readonly inputs: Inputs,
  ) {}

  static async load(
    folder: string,
    config: Readonly<Record<string, unknown>>,
    common: { weights: WeightSource; threads: number; backend: Backend },
  ): Promise<Painter> {
    const unet = await UNet2DConditionModel.load({ ...common, prefix: 'unet.', config: parseUNetConfig(config.unet) })
    const vae =
      config.vae === undefined
        ? undefined
        : await AutoencoderKL.load({
            ...common,
            prefix: 'vae.',
            config: parseVaeConfig(config.vae),
            parts: ['decoder'],
          })
    const source = await openCheckpoint(join(folder, 'inputs.safetensors'))
    const read = async (key: string) => {
      const t = await source.read(key)
      return tensor('float32', toFloat32(t), t.shape)
    }
    const inputs = { latents: await read('latents'), context: await read('context'), negative: await read('negative') }
    await source.close()
    return new Painter(unet, vae, inputs)
  }

  async predict({ rows, timestep, every: step, side }: Request<'predict'>): Promise<Reply<'predict'>> {
    const half = cropped(firstRows(this.inputs.latents, rows / 2), side)
    const latents = stacked([half, half])
    const context = stacked([...times(this.inputs.negative, rows / 2), ...times(this.inputs.context, rows / 2)])
    const clock = new Clock()
    const { data } = await this.unet.run(latents, timestep, context)
    return { ...clock.lap(), sample: every(data, step) }
  }

  async decodeLatents({ every: step }: Request<'decodeLatents'>): Promise<Reply<'decodeLatents'>> {
    const latents = firstRows(this.inputs.latents, 1)
    const clock = new Clock()
    const { data } = await this.vae!.decode(latents)
    return { ...clock.lap(), sample: every(data, step) }
  }

  private deep: { readonly of: string; readonly values: Tensor<'float32'> } | undefined

  async evaluate({ part, guided, ...options }: Request<'evaluate'>): Promise<Reply<'evaluate'>> {
    const one = firstRows(this.inputs.latents, 1)
    const latents = guided ? stacked([one, one]) : one
    const context = guided ? stacked([this.inputs.negative, this.inputs.context]) : this.inputs.context
    const of = JSON.stringify({ guided, ...options })
    if (part === 'shallow' && this.deep?.of !== of) throw new Error('a whole evaluation of the same kind comes first')
    const clock = new Clock()
    if (part === 'shallow') await this.unet.runShallow(latents, 500, context, this.deep!.values, options)
    else this.deep = { of, values: (await this.unet.runDeep(latents, 500, context, options)).deep }
    return clock.lap()
  }

  async paint({
    candidates,
    steps,
    guidanceScale,
    scheduler,
    every: step,
    saver,
  }: PaintRequest): Promise<Reply<'paint'>> {
    const latents = firstRows(this.inputs.latents, candidates)
    const clock = new Clock()
    const painted = await denoise({
      denoiser: this.unet,
      run: DPMSolverMultistepScheduler.fromConfig(scheduler).start({ steps }),
      latents,
      context: this.inputs.context,
      negativeContext: this.inputs.negative,
      guidanceScale,
      ...saver,
      noise: () => {
        throw new Error('this scheduler adds no noise')
      },
    })
    const images = pixelsToImages(await this.vae!.decodeLatents(painted))
    const timing = clock.lap()
    return { ...timing, sample: every(painted.data, step), bytes: images.flatMap(({ data }) => every(data, step)) }
  }

  async dispose(): Promise<void> {
    await this.unet.dispose()
    await this.vae?.dispose()
  }
}

function firstRows({ data, shape }: Tensor<'float32'>, rows: number): Tensor<'float32'> {
  const [count, ...rest] = shape as [number, ...number[]]
  return tensor('float32', data.subarray(0, (data.length / count) * rows), [rows, ...rest])
}

/** The first `side` rows and columns. [..., height, width] -> [..., side, side] */
export function cropped(t: Tensor<'float32'>, side: number | undefined): Tensor<'float32'> {
  const [height, width] = t.shape.slice(-2) as [number, number]
  if (side === undefined || (side === height && side === width)) return t
  const inside = (i: number) => i % width < side && Math.floor(i / width) % height < side
  return tensor(
    'float32',
    t.data.filter((_, i) => inside(i)),
    [...t.shape.slice(0, -2), side, side],
  )
}

function times(t: Tensor<'float32'>, count: number): Tensor<'float32'>[] {
  return new Array<Tensor<'float32'>>(count).fill(t)
}

function stacked(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0)
  return tensor('float32', data, [rows, ...parts[0]!.shape.slice(1)])
}
