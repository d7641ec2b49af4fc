import {
  checkVisionTower,
  failConfig,
  jsonObject,
  oneOf,
  parseVisionTower,
  type VisionTowerConfig,
  wholeNumber,
} from '@viscpm/core/transformers'

/** Sizes of Stable Diffusion's safety checker: CLIP's vision tower and the space of its concepts. */
export interface SafetyCheckerConfig {
  readonly vision: VisionTowerConfig
  readonly projectionDim: number
}

/** The model that upstream checks with: CompVis/stable-diffusion-safety-checker, a CLIP ViT-L/14. */
export const safetyCheckerLarge14: SafetyCheckerConfig = {
  vision: {
    dim: 1024,
    dimFF: 4096,
    numLayers: 24,
    numHeads: 16,
    activation: 'quick_gelu',
    layerNormEps: 1e-5,
    imageSize: 224,
    patchSize: 14,
  },
  projectionDim: 768,
}

/**
 * Reads the `config.json` of a StableDiffusionSafetyChecker. A field that is left out has the value that transformers
 * gives it; of the text tower that is described there too, the checker has nothing.
 * @throws ConfigError naming the field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseSafetyCheckerConfig(json: unknown): SafetyCheckerConfig {
  const all = jsonObject(json, 'config')
  const hint = 'The config.json of a Stable Diffusion safety checker is needed.'
  oneOf(all.model_type, ['clip'], 'model_type', hint)
  const { architectures } = all
  if (
    architectures != null &&
    !(Array.isArray(architectures) && architectures.includes('StableDiffusionSafetyChecker'))
  )
    failConfig('architectures', '["StableDiffusionSafetyChecker"] is needed', architectures, hint)
  // Old files carry the sizes twice; transformers lets the *_dict win.
  const vision = jsonObject(all.vision_config_dict ?? all.vision_config ?? {}, 'vision_config')
  return checkSafetyCheckerConfig({
    vision: parseVisionTower(vision, 'vision_config.'),
    projectionDim: wholeNumber(all.projection_dim ?? 512, 'projection_dim'),
  })
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkSafetyCheckerConfig(config: SafetyCheckerConfig): SafetyCheckerConfig {
  checkVisionTower(config.vision, 'vision_config.')
  return config
}
