import {
  checkTextTower,
  checkVisionTower,
  failConfig,
  jsonObject,
  oneOf,
  parseTextTower,
  parseVisionTower,
  type TextTowerConfig,
  type VisionTowerConfig,
  wholeNumber,
} from '@viscpm/core/transformers'
import type { RerankerLanguage } from './types.js'

/** Sizes of a Chinese-CLIP: BERT for prompts, ViT for pictures, both projected to one space. */
export interface ChineseCLIPConfig {
  readonly text: TextTowerConfig
  readonly vision: VisionTowerConfig
  readonly projectionDim: number
  /** What its prompts were written in. */
  readonly languages: readonly RerankerLanguage[]
}

/** The model that upstream chooses with: OFA-Sys/chinese-clip-vit-base-patch16. */
export const chineseCLIPBase16: ChineseCLIPConfig = {
  text: {
    dim: 768,
    dimFF: 3072,
    numLayers: 12,
    numHeads: 12,
    activation: 'gelu',
    layerNormEps: 1e-12,
    vocabSize: 21128,
    maxTokens: 512,
    tokenTypes: 2,
  },
  vision: {
    dim: 768,
    dimFF: 3072,
    numLayers: 12,
    numHeads: 12,
    activation: 'quick_gelu',
    layerNormEps: 1e-5,
    imageSize: 224,
    patchSize: 16,
  },
  projectionDim: 512,
  languages: ['zh'],
}

function languages(value: unknown): readonly RerankerLanguage[] {
  if (value == null) return ['zh']
  if (!Array.isArray(value) || value.length === 0) failConfig('languages', 'a list such as ["zh"] is needed', value)
  return value.map((language, i) => oneOf<RerankerLanguage>(language, ['zh', 'en'], `languages[${i}]`))
}

/**
 * Reads transformers' `config.json` of a Chinese-CLIP. A field that is left out has the value that transformers gives
 * it. `languages` is ours and optional: models that read more than Chinese say so there.
 * @throws ConfigError naming the field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseChineseCLIPConfig(json: unknown): ChineseCLIPConfig {
  const all = jsonObject(json, 'config')
  oneOf(all.model_type, ['chinese_clip'], 'model_type', 'The config.json of a Chinese-CLIP folder is needed.')
  // Old files carry the sizes twice; transformers lets the *_dict win.
  const part = (name: string) => jsonObject(all[`${name}_dict`] ?? all[name] ?? {}, name)
  return checkChineseCLIPConfig({
    text: parseTextTower(part('text_config'), 'text_config.'),
    vision: parseVisionTower(part('vision_config'), 'vision_config.'),
    projectionDim: wholeNumber(all.projection_dim ?? 512, 'projection_dim'),
    languages: languages(all.languages),
  })
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkChineseCLIPConfig(config: ChineseCLIPConfig): ChineseCLIPConfig {
  checkTextTower(config.text, 'text_config.')
  checkVisionTower(config.vision, 'vision_config.')
  return config
}
