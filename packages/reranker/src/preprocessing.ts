import { ConfigError, type Image, type Tensor } from '@viscpm/core'
import { normalize, resize, toTensor } from '@viscpm/core/image'
import {
  clipNormalization,
  failConfig,
  type JsonObject,
  jsonObject,
  type PixelNormalization,
  parseNormalization,
  wholeNumber,
} from '@viscpm/core/transformers'

/** How a picture becomes what the vision tower takes. */
export interface ImagePreprocessing extends PixelNormalization {
  readonly width: number
  readonly height: number
}

/** CLIP's: a square of `size` pixels, its own mean and deviation. Source: CLIP (arXiv 2103.00020), data preparation. */
export function clipPreprocessing(size: number): ImagePreprocessing {
  return { width: size, height: size, ...clipNormalization }
}

/**
 * Reads transformers' `preprocessor_config.json` of a Chinese-CLIP.
 * @throws ConfigError naming the field that is missing, wrong or not supported.
 */
export function parsePreprocessorConfig(json: unknown): ImagePreprocessing {
  const all = jsonObject(json, 'preprocessor_config')
  const normalization = parseNormalization(all)
  const size = Object(all.size) as JsonObject
  if (!('height' in size && 'width' in size))
    failConfig(
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
      typeof crop === 'number' ? { height: crop, width: crop } : jsonObject(crop, 'crop_size')
    ) as JsonObject
    if (cropHeight !== height || cropWidth !== width)
      failConfig('crop_size', `with do_center_crop it must be the size, ${height} x ${width}`, crop)
  }
  return { width, height, ...normalization }
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
