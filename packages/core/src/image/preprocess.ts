import { InvalidArgumentError } from '../errors.js'
import { type Tensor, tensor } from '../tensor.js'
import { checkImage } from './check.js'
import { type ResizeOptions, resize } from './resize.js'
import type { Image } from './types.js'

/** Pixels as float32 [3, height, width] in 0..1: u8 / 255, rounded once. Source: torchvision's ToTensor. */
export function toTensor(image: Image): Tensor<'float32'> {
  checkImage(image)
  const { width, height, data } = image
  const plane = width * height
  const level = Float32Array.from({ length: 256 }, (_, i) => i / 255)
  const out = new Float32Array(plane * 3)
  for (let i = 0, p = 0; i < plane; i++) {
    out[i] = level[data[p++]!]!
    out[plane + i] = level[data[p++]!]!
    out[2 * plane + i] = level[data[p++]!]!
  }
  return tensor('float32', out, [3, height, width])
}

/**
 * (x - mean) / std per channel, each step rounded to float32. x: [channels, height, width] -> same.
 * Source: torchvision's Normalize.
 * @throws InvalidArgumentError when mean or std have not one number per channel, or a std is 0.
 */
export function normalize(x: Tensor<'float32'>, mean: readonly number[], std: readonly number[]): Tensor<'float32'> {
  const [channels = 0, height = 0, width = 0] = x.shape
  for (const [argument, values] of Object.entries({ mean, std }))
    if (x.shape.length !== 3 || values.length !== channels)
      throw new InvalidArgumentError({
        argument,
        message: `has ${values.length} values for a tensor of shape [${x.shape}], which should be [channels, height, width]`,
      })
  if (std.some(s => !(Math.fround(s) > 0)))
    throw new InvalidArgumentError({ argument: 'std', message: `must be above 0, not [${std}]` })
  const plane = height * width
  const out = new Float32Array(x.data.length)
  for (let c = 0; c < channels; c++) {
    const m = Math.fround(mean[c]!)
    const s = Math.fround(std[c]!)
    for (let i = c * plane; i < (c + 1) * plane; i++) out[i] = Math.fround(x.data[i]! - m) / s
  }
  return tensor('float32', out, x.shape)
}

/** Mean and std of upstream's transform (timm's inception constants), all channels. */
export const inceptionMean: readonly number[] = [0.5, 0.5, 0.5]
export const inceptionStd: readonly number[] = [0.5, 0.5, 0.5]

/**
 * A picture as the vision tower takes it: stretched (not cropped) to `size` x `size`, normalised to -1..1.
 * @returns float32 [3, size, size]
 * Source: VisCPM, build_transform(is_train=False).
 */
export function preprocess(image: Image, size: number, options: ResizeOptions = {}): Tensor<'float32'> {
  return normalize(toTensor(resize(image, size, size, options)), inceptionMean, inceptionStd)
}
