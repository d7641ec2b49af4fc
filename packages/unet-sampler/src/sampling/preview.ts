import { ConfigError, type Image, InvalidArgumentError, type Tensor } from '@viscpm/core'
import { checkedFloats } from '../blocks/values.js'

/** How latents look, roughly: brightness -1..1 of each colour as a sum over the channels. */
export interface PreviewFactors {
  /** One [red, green, blue] per latent channel. */
  readonly factors: readonly (readonly [red: number, green: number, blue: number])[]
  /** Of latents that are all 0. Default black and white's middle, [0, 0, 0]. */
  readonly bias?: readonly [red: number, green: number, blue: number]
}

/** Of Stable Diffusion 1 and 2. Source: keturn, discuss.huggingface.co/t/23204. */
export const sdPreviewFactors: PreviewFactors = {
  factors: [
    [0.298, 0.207, 0.208],
    [0.187, 0.286, 0.173],
    [-0.158, 0.189, 0.264],
    [-0.184, -0.271, -0.473],
  ],
}

const isColour = (value: unknown): value is PreviewFactors['factors'][number] =>
  Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)

/**
 * Reads preview factors from JSON: `{"factors": [[r, g, b], ...], "bias": [r, g, b]}`, a row per latent channel.
 * @throws ConfigError naming the field
 */
export function parsePreviewFactors(json: unknown, channels: number): PreviewFactors {
  const { factors, bias } = (json ?? {}) as Record<string, unknown>
  if (!Array.isArray(factors) || factors.length !== channels || !factors.every(isColour))
    throw new ConfigError({ field: 'factors', message: `must be ${channels} lists of three finite numbers` })
  if (bias === undefined) return { factors }
  if (isColour(bias)) return { factors, bias }
  throw new ConfigError({ field: 'bias', message: 'must be a list of three finite numbers' })
}

/**
 * Small pictures of latents, one pixel per latent pixel, at next to no cost. latents: [batch, channels, h, w].
 * @throws InvalidArgumentError when the factors are for another number of channels
 */
export function previewLatents(
  latents: Tensor,
  { factors, bias = [0, 0, 0] }: PreviewFactors = sdPreviewFactors,
): Image[] {
  const { data, shape } = checkedFloats('latents', latents, ['batch', 'channels', 'height', 'width'])
  const [batch, channels, height, width] = shape as [number, number, number, number]
  if (factors.length !== channels)
    throw new InvalidArgumentError({
      argument: 'previewFactors',
      message: `are for ${factors.length} latent channels, the model has ${channels}`,
      hint: 'Give one [red, green, blue] for each channel.',
    })
  const plane = height * width
  return Array.from({ length: batch }, (_, b) => {
    const bytes = new Uint8ClampedArray(3 * plane)
    for (let i = 0; i < plane; i++)
      for (let colour = 0; colour < 3; colour++) {
        let level = bias[colour]!
        for (let c = 0; c < channels; c++) level += factors[c]![colour]! * data[(b * channels + c) * plane + i]!
        bytes[3 * i + colour] = (level / 2 + 0.5) * 255
      }
    return { width, height, data: new Uint8Array(bytes.buffer) }
  })
}
