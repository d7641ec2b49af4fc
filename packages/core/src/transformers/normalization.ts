import { failConfig, type JsonObject, oneOf } from './json.js'

/** Per channel, red green blue: pixels become (x / 255 - mean) / std. */
export interface PixelNormalization {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Mean and deviation of CLIP's training pictures. Source: CLIP (arXiv 2103.00020), data preparation. */
export const clipNormalization: PixelNormalization = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

/** PIL's number of its bicubic filter. */
const bicubic = 3

function channels(value: unknown, field: string): readonly number[] {
  const isChannel = (x: unknown) => typeof x === 'number' && Number.isFinite(x) && (field !== 'image_std' || x > 0)
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isChannel))
    failConfig(field, 'three numbers are needed', value)
  return value
}

/**
 * What all of CLIP's image processors do: resize by PIL's bicubic, divide by 255, normalise. Sizes and cropping are the
 * model's own.
 * @throws ConfigError naming the field of `preprocessor_config.json` that is wrong or not supported.
 */
export function parseNormalization(json: JsonObject): PixelNormalization {
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) oneOf(json[step] ?? true, [true], step)
  oneOf(json.resample ?? bicubic, [bicubic], 'resample', 'Pictures are resized with the bicubic filter.')
  if (Math.fround(Number(json.rescale_factor ?? 1 / 255)) !== Math.fround(1 / 255))
    failConfig('rescale_factor', '1/255 is needed', json.rescale_factor)
  return {
    mean: channels(json.image_mean ?? clipNormalization.mean, 'image_mean'),
    std: channels(json.image_std ?? clipNormalization.std, 'image_std'),
  }
}
