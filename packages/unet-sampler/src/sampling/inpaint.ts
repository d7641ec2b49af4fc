import { type Image, InvalidArgumentError, type Tensor, tensor } from '@viscpm/core'
import type { Sample, SchedulerRun } from '../schedulers/index.js'

/** What is to stay as it is while the rest is painted. */
export interface Inpainting {
  /** Latents of the given picture, scaled: [batch, channels, h, w]. */
  readonly original: Sample
  /** The noise that the first sample was made with. */
  readonly noise: Sample
  /** 1 where it is painted, 0 where the original stays (`latentMask`); of shape [1, 1, h, w]. */
  readonly mask: Tensor<'float32'>
}

/**
 * A mask in the size of the latents: white (brighter than the middle) is painted anew, black stays. A latent pixel is
 * painted when any of its pixels is white, so that thin strokes are not lost. Brightness is ITU-R 601's, as Pillow's 'L'.
 * @returns [1, 1, height / scale, width / scale] of 0 and 1
 * @throws InvalidArgumentError when nothing is white, or the size is not divisible by `scale`
 */
export function latentMask(mask: Image, scale: number): Tensor<'float32'> {
  const [width, height] = [mask.width / scale, mask.height / scale]
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height))
    throw new InvalidArgumentError({
      argument: 'mask',
      message: `${mask.width} x ${mask.height} pixels are not divisible by ${scale}`,
    })
  const out = new Float32Array(width * height)
  for (let y = 0, i = 0; y < mask.height; y++)
    for (let x = 0; x < mask.width; x++, i += 3) {
      const [r, g, b] = [mask.data[i]!, mask.data[i + 1]!, mask.data[i + 2]!]
      if ((19595 * r + 38470 * g + 7471 * b + 0x8000) >>> 16 >= 128)
        out[Math.floor(y / scale) * width + Math.floor(x / scale)] = 1
    }
  if (!out.includes(1))
    throw new InvalidArgumentError({
      argument: 'mask',
      message: 'nothing in it is white',
      hint: 'White is painted anew, black stays as it is.',
    })
  return tensor('float32', out, [1, 1, height, width])
}

/**
 * Puts the original back where it stays, with as much noise as the sample has for its next step.
 * Source: diffusers, StableDiffusionInpaintPipeline with a UNet of 4 channels.
 */
export function blended(latents: Sample, { original, noise, mask }: Inpainting, run: SchedulerRun): Sample {
  const next = run.timesteps[run.stepsTaken]
  const kept = next === undefined ? original : run.addNoise(original, noise, next)
  const plane = mask.data.length
  const data = latents.data.map((v, i) => (mask.data[i % plane] === 1 ? v : kept.data[i]!))
  return { ...latents, data }
}
