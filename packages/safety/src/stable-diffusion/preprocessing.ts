import { ConfigError, type Image, ImageError, type Tensor } from '@viscpm/core'
import { checkPixels, normalize, resize, toTensor } from '@viscpm/core/image'
import {
  clipNormalization,
  failConfig,
  jsonObject,
  oneOf,
  type PixelNormalization,
  parseNormalization,
  wholeNumber,
} from '@viscpm/core/transformers'

/** How a picture becomes what CLIP's vision tower takes: scaled, then its middle cut out. */
export interface CLIPPreprocessing extends PixelNormalization {
  /** Pixels of the shorter side after scaling. */
  readonly shortestEdge: number
  /** Pixels of the square that is cut out of the middle. */
  readonly cropSize: number
}

/** CLIP's own. Source: CLIP (arXiv 2103.00020); the preprocessor_config.json of openai/clip-vit-base-patch32. */
export function clipCropping(size: number): CLIPPreprocessing {
  return { shortestEdge: size, cropSize: size, ...clipNormalization }
}

function side(value: unknown, field: string, spelling: string): number {
  if (typeof value === 'number') return wholeNumber(value, field)
  const sizes = jsonObject(value, field)
  if (!(spelling in sizes)) failConfig(field, `a number or {"${spelling}": ...} is needed`, value)
  return wholeNumber(sizes[spelling], `${field}.${spelling}`)
}

/**
 * Reads transformers' `preprocessor_config.json` of a CLIP.
 * @throws ConfigError naming the field that is wrong or not supported.
 */
export function parseCLIPPreprocessing(json: unknown): CLIPPreprocessing {
  const all = jsonObject(json, 'preprocessor_config')
  const normalization = parseNormalization(all)
  oneOf(all.do_center_crop ?? true, [true], 'do_center_crop')
  const shortestEdge = side(all.size ?? 224, 'size', 'shortest_edge')
  const crop = all.crop_size ?? 224
  const cropSize = side(crop, 'crop_size', 'height')
  if (typeof crop === 'object' && (crop as { width?: unknown }).width !== cropSize)
    failConfig('crop_size', 'a square is needed', crop)
  if (cropSize > shortestEdge)
    failConfig('crop_size', `must be at most size, which is ${shortestEdge}: nothing is filled up`, cropSize)
  return { shortestEdge, cropSize, ...normalization }
}

/** @throws ConfigError when the pictures would not have the size that the tower takes. */
export function checkPreprocessing({ cropSize, shortestEdge }: CLIPPreprocessing, imageSize: number): void {
  if (cropSize !== imageSize)
    throw new ConfigError({
      field: 'crop_size',
      message: `${cropSize} pixels, but the vision tower takes ${imageSize}`,
      hint: 'preprocessor_config.json and config.json must be of one model.',
    })
  if (!(shortestEdge >= cropSize))
    throw new ConfigError({ field: 'size', message: `${shortestEdge} is less than crop_size, which is ${cropSize}` })
}

/** Scaling a line of a picture would make it enormous: a picture is at most about 1000 times as long as it is wide. */
const maxScaledPixels = 50_000_000

/**
 * The uint8 picture that the tower sees: shortest edge scaled by PIL's bicubic, then the centre.
 * @throws InvalidArgumentError, ImageError when it is too long for its width.
 */
export function scaledAndCropped(image: Image, { shortestEdge, cropSize }: CLIPPreprocessing): Image {
  checkPixels('image', image) // what is no 8-bit picture would be taken for a dark one
  const { width, height } = image
  const scaled = (edge: number) =>
    edge === Math.min(width, height) ? shortestEdge : Math.floor((shortestEdge * edge) / Math.min(width, height))
  const [scaledWidth, scaledHeight] = [scaled(width), scaled(height)]
  if (scaledWidth * scaledHeight > maxScaledPixels)
    throw new ImageError({
      message: `${width} x ${height} pixels are too long and narrow to be checked`,
      hint: 'Cut the picture into parts.',
    })
  return centre(resize(image, scaledWidth, scaledHeight), cropSize)
}

/** (x / 255 - mean) / std of the cropped picture: float32 [3, cropSize, cropSize]. Source: CLIPImageProcessor. */
export function clipPixels(image: Image, preprocessing: CLIPPreprocessing): Tensor<'float32'> {
  const { mean, std } = preprocessing
  return normalize(toTensor(scaledAndCropped(image, preprocessing)), mean, std)
}

function centre(image: Image, size: number): Image {
  const left = Math.floor((image.width - size) / 2)
  const top = Math.floor((image.height - size) / 2)
  const data = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    const start = 3 * ((top + y) * image.width + left)
    data.set(image.data.subarray(start, start + 3 * size), 3 * size * y)
  }
  return { width: size, height: size, data }
}
