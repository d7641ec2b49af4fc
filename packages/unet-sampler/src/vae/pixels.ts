import { type Image, InvalidArgumentError, type Tensor, tensor } from '@viscpm/core'
import { checkedFloats } from '../blocks/values.js'

/** The nearest whole number, halves to the even one, as numpy rounds. x >= 0. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/**
 * Brightness 0..1 as bytes: float32(x * 255), rounded half to even; outside 0..1 is cut off.
 * Source: diffusers, numpy_to_pil.
 */
export function floatToUint8(values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: values.length }, (_, i) => {
    return roundHalfEven(Math.fround(Math.min(1, Math.max(0, values[i]!)) * 255))
  })
}

/**
 * Decoded pixels as pictures: x / 2 + 0.5, cut to 0..1, then bytes. decoded: [batch, 3, height, width], about -1..1.
 * Source: diffusers, decode_latents and numpy_to_pil.
 * @throws InvalidArgumentError for another shape, NonFiniteError
 */
export function pixelsToImages(decoded: Tensor): Image[] {
  const { data, shape } = checkedFloats('decoded', decoded, ['batch', 3, 'height', 'width'])
  const [batch, , height, width] = shape as [number, number, number, number]
  const plane = height * width
  return Array.from({ length: batch }, (_, b) => {
    const levels = new Float32Array(3 * plane) // [height, width, 3]
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < plane; i++) levels[3 * i + c] = data[(3 * b + c) * plane + i]! / 2 + 0.5
    return { width, height, data: floatToUint8(levels) }
  })
}

/**
 * Pictures of one size as the encoder takes them: x / 255 * 2 - 1, each step rounded to float32.
 * @returns [batch, 3, height, width], -1..1
 * Source: diffusers, preprocess of the image-to-image pipeline.
 * @throws InvalidArgumentError when there is none, sizes differ, or a picture's data does not fit its size.
 */
export function imagesToPixels(images: readonly Image[]): Tensor<'float32'> {
  const [first] = images
  if (!first) throw new InvalidArgumentError({ argument: 'images', message: 'at least one picture is needed' })
  const { width, height } = first
  const plane = width * height
  const level = Float32Array.from({ length: 256 }, (_, i) => Math.fround(i / 255) * 2 - 1)
  const out = new Float32Array(images.length * 3 * plane)
  images.forEach((image, b) => {
    if (image.width !== width || image.height !== height || image.data.length !== 3 * plane)
      throw new InvalidArgumentError({
        argument: `images[${b}]`,
        message: `${width} x ${height} RGB is needed, found ${image.width} x ${image.height} with ${image.data.length} bytes`,
        hint: 'Pictures of one batch have one size: resize them first.',
      })
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < plane; i++) out[(3 * b + c) * plane + i] = level[image.data[3 * i + c]!]!
  })
  return tensor('float32', out, [images.length, 3, height, width])
}
