import { ConfigError, type Image, type Tensor } from '@viscpm/core'
import { normalize, resize, toTensor } from '@viscpm/core/image'
import { fail, type Json, object, oneOf, wholeNumber } from './json.js'

/** How a picture becomes what the vision tower takes. */
export interface ImagePreprocessing {
  readonly width: number
  readonly height: number
  /** Per channel, red green blue. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** CLIP's: a square of `size` pixels, its own mean and deviation. Source: CLIP (arXiv 2103.00020), data preparation. */
export function clipPreprocessing(size: number): ImagePreprocessing {
  return {
    width: size,
    height: size,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  }
}

/** PIL's number of its bicubic filter. */
const bicubic = 3

function channels(value: unknown, field: string): readonly number[] {
  const isChannel = (x: unknown) => typeof x === 'number' && Number.isFinite(x) && (field !== 'image_std' || x > 0)
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isChannel))
    fail(field, 'three numbers are needed', value)
  return value
}

/**
 * Reads transformers' `preprocessor_config.json` of a Chinese-CLIP.
 * @throws ConfigError naming the field that is missing, wrong or not supported.
 */
export function parsePreprocessorConfig(json: unknown): ImagePreprocessing {
  const all = object(json, 'preprocessor_config')
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) oneOf(all[step] ?? true, [true], step)
  oneOf(all.resample ?? bicubic, [bicubic], 'resample', 'Pictures are resized with the bicubic filter.')
  if (Math.fround(Number(all.rescale_factor ?? 1 / 255)) !== Math.fround(1 / 255))
    fail('rescale_factor', '1/255 is needed', all.rescale_factor)
  const size = Object(all.size) as Json
  if (!('height' in size && 'width' in size))
    fail(
      'size',
      '{"height": ..., "width": ...} is needed',
      all.size,
      'Chinese-CLIP squashes pictures to exactly this size; its original processor takes no other spelling either.',
    )
  const height = wholeNumber(size.height, 'size.height')
  const width = wholeNumber(size.width, 'size.width')
  if (all.do_center_crop ?? true) {
    const crop = all.crop_size ?? 224
    const { height: cropHeight, width: cropWidth } = (
      typeof crop === 'number' ? { height: crop, width: crop } : object(crop, 'crop_size')
    ) as Json
    if (cropHeight !== height || cropWidth !== width)
      fail('crop_size', `with do_center_crop it must be the size, ${height} x ${width}`, crop)
  }
  const { mean, std } = clipPreprocessing(width)
  return {
    width,
    height,
    mean: channels(all.image_mean ?? mean, 'image_mean'),
    std: channels(all.image_std ?? std, 'image_std'),
  }
}

/** @throws ConfigError when the pictures would not have the size that the tower takes. */
export function checkPreprocessing({ width, height }: ImagePreprocessing, imageSize: number): void {
  if (width === imageSize && height === imageSize) return
  throw new ConfigError({
    field: 'size',
    message: `${height} x ${width} pixels, but the vision tower takes ${imageSize} x ${imageSize}`,
    hint: 'preprocessor_config.json and config.json must be of one model.',
  })
}

/** The uint8 picture that the tower sees: squashed to the exact size, without cropping, as PIL's bicubic does it. */
export function squashed(image: Image, { width, height }: ImagePreprocessing): Image {
  return resize(image, width, height)
}

/** (x / 255 - mean) / std of the squashed picture: float32 [3, height, width]. Source: ChineseCLIPImageProcessor. */
export function preprocess(image: Image, preprocessing: ImagePreprocessing): Tensor<'float32'> {
  const { mean, std } = preprocessing
  return normalize(toTensor(squashed(image, preprocessing)), mean, std)
}
