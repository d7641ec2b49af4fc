import { type Image, InvalidArgumentError, type TaskOptions, type Tensor } from '@viscpm/core'
import { checkPixels } from '@viscpm/core/image'
import {
  checkTokenMerging,
  type DeepCache,
  deepCacheOf,
  givenLatents,
  guidanceOf,
  latentMask,
  type NoiseSource,
  type Scheduler,
  type SchedulerRun,
  type Seed,
  torchNoise,
} from '@viscpm/unet-sampler'
import type { PaintDefaults } from './defaults.js'
import { presetOf } from './presets.js'
import type { GenerateOptions } from './types.js'

/** What a request is measured by. */
export interface ModelFacts {
  readonly scheduler: Scheduler
  /** Latent channels. */
  readonly channels: number
  /** Pixels per latent pixel. */
  readonly scale: number
  /** Side in pixels that the UNet was trained on. */
  readonly side: number
  /** Of the UNet: ways to cut off a shallow part. */
  readonly branches: number
  readonly ranked: boolean
  readonly defaults: Required<PaintDefaults>
}

/** A request, checked, with every default filled in. */
export interface PaintRequest {
  readonly options: GenerateOptions
  readonly prompt: string
  readonly negativePrompt: string
  readonly syntax: 'text' | 'raw'
  readonly count: number
  readonly candidates: number
  readonly seed: Seed | readonly Seed[] | undefined
  readonly noise: NoiseSource
  /** Every picture has a generator of its own. */
  readonly separateNoise: boolean
  readonly latents: Tensor | undefined
  /** Of the latents, all pictures. */
  readonly shape: readonly [pictures: number, channels: number, height: number, width: number]
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly guidanceScale: number
  readonly guidanceInterval: readonly [from: number, to: number] | undefined
  /** undefined: the whole UNet always runs. */
  readonly deepCache: DeepCache | undefined
  /** undefined: none. */
  readonly tokenMerging: number | undefined
  readonly scheduler: Scheduler
  readonly run: SchedulerRun
  readonly image: Image | undefined
  readonly mask: Tensor<'float32'> | undefined
  readonly strength: number | undefined
  readonly batchSize: number
  readonly task: TaskOptions
}

const known: Readonly<Record<keyof GenerateOptions, true>> = {
  prompt: true,
  negativePrompt: true,
  syntax: true,
  count: true,
  candidates: true,
  seed: true,
  generators: true,
  latents: true,
  steps: true,
  guidanceScale: true,
  guidanceInterval: true,
  skipUnguided: true,
  width: true,
  height: true,
  scheduler: true,
  image: true,
  mask: true,
  strength: true,
  batchSize: true,
  preset: true,
  deepCache: true,
  tokenMerging: true,
  onStep: true,
  onProgress: true,
  signal: true,
}

const maxPictures = 1000
const maxPixels = 16_777_216

function refuse(argument: string, message: string, hint?: string): never {
  throw new InvalidArgumentError({ argument, message, ...(hint && { hint }) })
}

function whole(argument: string, value: unknown, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max) return value as number
  return refuse(argument, `must be a whole number from 1 to ${max}, not ${String(value)}`)
}

/**
 * Checks everything that can be checked before any model runs, and starts the scheduler's run of this request alone.
 * @throws InvalidArgumentError, WrongShapeError naming the option
 */
export function settle(options: GenerateOptions, model: ModelFacts): PaintRequest {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(known, name)) refuse(name, 'unknown option', `Known are ${Object.keys(known).join(', ')}.`)
  const { prompt, negativePrompt = '', syntax = 'text', onProgress, signal } = options
  const preset = presetOf(options.preset)
  const { steps = preset?.steps ?? model.defaults.steps, guidanceScale = model.defaults.guidanceScale } = options
  const { guidanceInterval = preset?.guidanceInterval, tokenMerging = preset?.tokenMerging } = options
  if (typeof prompt !== 'string') refuse('prompt', 'must be a string', 'An empty one will do.')
  if (typeof negativePrompt !== 'string') refuse('negativePrompt', 'must be a string')
  guidanceOf(options)
  checkTokenMerging(tokenMerging)
  const count = whole('count', options.count ?? 1, maxPictures)
  const candidates = whole('candidates', options.candidates ?? (model.ranked ? 4 : 1), maxPictures)
  const pictures = whole('count * candidates', count * candidates, maxPictures)
  const { width, height } = sizeOf(options, model)
  const shape = [pictures, model.channels, height / model.scale, width / model.scale] as const
  const { seed, ...noise } = noiseOf(options, pictures)
  const strength = strengthOf(options)
  const scheduler = options.scheduler ?? preset?.scheduler(model.scheduler) ?? model.scheduler
  if (typeof scheduler?.start !== 'function')
    refuse('scheduler', 'must be a scheduler object', 'e.g. new DDIMScheduler()')
  return {
    options,
    prompt,
    negativePrompt,
    syntax,
    count,
    candidates,
    seed,
    ...noise,
    latents: options.latents && givenLatents(options.latents, shape),
    shape,
    width,
    height,
    steps,
    guidanceScale,
    guidanceInterval,
    deepCache: deepCacheOf(options.deepCache ?? preset?.deepCache, model.branches),
    tokenMerging: tokenMerging === 0 ? undefined : tokenMerging,
    scheduler,
    run: scheduler.start({ steps, strength }),
    image: options.image,
    mask: options.mask && latentMask(options.mask, model.scale),
    strength,
    batchSize: whole('batchSize', options.batchSize ?? 4, maxPictures),
    task: { ...(onProgress && { onProgress }), ...(signal && { signal }) },
  }
}

function noiseOf(
  { seed, generators }: GenerateOptions,
  pictures: number,
): Pick<PaintRequest, 'seed' | 'noise' | 'separateNoise'> {
  if (seed !== undefined && generators !== undefined)
    refuse('generators', 'cannot be given together with seed', 'A generator carries its own seed.')
  const from = generators ?? seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!
  if (Array.isArray(from) && from.length !== pictures)
    refuse(
      generators ? 'generators' : 'seed',
      `${from.length} are given for ${pictures} pictures`,
      'Give one for each candidate of each picture, or one for all.',
    )
  return {
    seed: generators === undefined ? (from as Seed | readonly Seed[]) : undefined,
    noise: torchNoise(from),
    separateNoise: Array.isArray(from),
  }
}

function strengthOf({ image, mask, strength }: GenerateOptions): number | undefined {
  if (image) return strength ?? 0.8
  if (mask) refuse('mask', 'needs a picture to paint in', "Give the picture as 'image'.")
  if (strength !== undefined) refuse('strength', 'needs a picture to start from', "Give the picture as 'image'.")
  return undefined
}

function sizeOf(options: GenerateOptions, { scale, side }: ModelFacts): { width: number; height: number } {
  const { image, mask } = options
  for (const [name, picture] of [
    ['image', image],
    ['mask', mask],
  ] as const)
    if (picture) checkPixels(name, picture)
  const { width = image?.width ?? side, height = image?.height ?? side } = options
  for (const [name, size] of [
    ['width', width],
    ['height', height],
  ] as const)
    if (!Number.isSafeInteger(size) || size < scale || size % scale !== 0)
      refuse(
        name,
        `must be a positive multiple of ${scale}, not ${String(size)}`,
        image ? `Resize or crop the picture: its size is ${image.width} x ${image.height}.` : undefined,
      )
  if (width * height > maxPixels) refuse('width', `${width} x ${height} are more than ${maxPixels} pixels`)
  if (image && (image.width !== width || image.height !== height))
    refuse(
      'image',
      `${image.width} x ${image.height} pixels, but ${width} x ${height} are asked for`,
      'Resize it first.',
    )
  if (image && mask && (mask.width !== width || mask.height !== height))
    refuse('mask', `${mask.width} x ${mask.height} pixels, the picture has ${width} x ${height}`, 'Resize it first.')
  return { width, height }
}
