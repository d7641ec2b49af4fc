import { type Image, type TaskOptions, type Tensor, tensor } from '@viscpm/core'
import type { PromptOptions } from '@viscpm/cpm-bee'
import {
  denoise,
  firstSample,
  imagesToPixels,
  type PreviewFactors,
  pause,
  pixelsToImages,
  repeatedRows,
  samplePosterior,
} from '@viscpm/unet-sampler'
import type { Stages } from './model.js'
import type { PaintRequest } from './request.js'

/** What prompt and negative prompt say to the UNet, both [1, tokens, width]. */
export interface Contexts {
  readonly context: Tensor
  readonly negativeContext: Tensor
}

/** Text to context rows, those of the padding too. */
export async function readPrompts(stages: Stages, request: PaintRequest, options: PromptOptions): Promise<Contexts> {
  const { task } = request
  await pause()
  return stages.text.use(task, async ({ encoder, transBlock }) => {
    const states = await encoder.encode(request, { ...options, ...task })
    return {
      context: await transBlock.run(states.prompt, task),
      negativeContext: await transBlock.run(states.negativePrompt, task),
    }
  })
}

/**
 * Latents of the picture to start from, scaled: one draw for all pictures, or one for each that has its own generator.
 * Source: diffusers, prepare_latents of the image-to-image pipeline.
 */
export async function encodeOriginal(stages: Stages, request: PaintRequest): Promise<Tensor<'float32'> | undefined> {
  const { image, task, shape, separateNoise } = request
  if (!image) return undefined
  await pause()
  return stages.vaeEncoder.use(task, async vae => {
    const { mean, logvar } = await vae.encode(imagesToPixels([image]), task)
    const draws = separateNoise ? shape[0] : 1
    const rows = { mean: repeatedRows(mean, draws), logvar: repeatedRows(logvar, draws) }
    const drawn = samplePosterior(rows, request.noise(rows.mean.shape))
    const factor = Math.fround(vae.config.scaling_factor)
    const data = drawn.data.map(v => v * factor)
    return tensor('float32', data, drawn.shape)
  })
}

/** All pictures' latents, denoised. */
export async function denoisePictures(
  stages: Stages,
  request: PaintRequest,
  contexts: Contexts,
  original: Tensor<'float32'> | undefined,
  previewFactors: PreviewFactors | undefined,
): Promise<Tensor<'float32'>> {
  const { run, shape, mask, noise, options, batchSize, guidanceScale, guidanceInterval, task } = request
  const first = firstSample(run, shape, { noise, latents: request.latents, original })
  const inpainting = mask && { mask, noise: first.noise, original: repeatedRows(original!, shape[0]) }
  return stages.unet.use(task, denoiser =>
    denoise({
      denoiser,
      run,
      latents: first.latents,
      ...contexts,
      noise,
      inpainting,
      batchSize,
      guidanceScale,
      guidanceInterval,
      deepCache: request.deepCache,
      tokenMerging: request.tokenMerging,
      skipUnguided: options.skipUnguided,
      previewFactors,
      onStep: options.onStep,
      ...task,
    }),
  )
}

/** Latents to pictures, one by one. */
export async function decodePictures(
  stages: Stages,
  latents: Tensor<'float32'>,
  { signal, onProgress }: TaskOptions,
  tileSize: number = Number.POSITIVE_INFINITY,
): Promise<Image[]> {
  const [total, ...shape] = latents.shape as [number, ...number[]]
  const size = latents.data.length / total
  const quiet = signal ? { signal } : {}
  return stages.vaeDecoder.use(quiet, async vae => {
    const images: Image[] = []
    for (let i = 0; i < total; i++) {
      await pause()
      signal?.throwIfAborted()
      const one = tensor('float32', latents.data.subarray(i * size, (i + 1) * size), [1, ...shape])
      images.push(...pixelsToImages(await vae.decodeLatents(one, { ...quiet, tileSize })))
      onProgress?.({ phase: 'decode', done: i + 1, total, unit: 'steps' })
    }
    return images
  })
}
