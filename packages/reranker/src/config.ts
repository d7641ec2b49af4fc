import { fail, type Json, object, oneOf, wholeNumber } from './json.js'
import type { RerankerLanguage } from './types.js'

export type Activation = 'gelu' | 'quick_gelu'

/** Sizes of a transformer. Names in `config.json` are transformers' (snake_case). */
export interface TowerConfig {
  readonly dim: number
  readonly dimFF: number
  readonly numLayers: number
  readonly numHeads: number
  readonly activation: Activation
  readonly layerNormEps: number
}

export interface TextTowerConfig extends TowerConfig {
  readonly vocabSize: number
  /** Rows of the position table: more tokens than this cannot be read. */
  readonly maxTokens: number
  /** Rows of the token type table, of which a prompt uses the first. */
  readonly tokenTypes: number
}

export interface VisionTowerConfig extends TowerConfig {
  /** Pixels per side of the square picture. */
  readonly imageSize: number
  /** Pixels per side of a patch; what is left of a picture after whole patches is not looked at. */
  readonly patchSize: number
}

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

/** Tokens of one picture: the class token and the patches. */
export function pictureTokens({ imageSize, patchSize }: VisionTowerConfig): number {
  return Math.floor(imageSize / patchSize) ** 2 + 1
}

/** What transformers takes for a field that a configuration leaves out. */
const sharedDefaults = { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, num_attention_heads: 12 }
const textDefaults: Json = {
  ...sharedDefaults,
  vocab_size: 30522,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  hidden_act: 'gelu',
  layer_norm_eps: 1e-12,
  position_embedding_type: 'absolute',
  is_decoder: false,
}
const visionDefaults: Json = {
  ...sharedDefaults,
  num_channels: 3,
  image_size: 224,
  patch_size: 32,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
}

function withDefaults(json: Json, defaults: Json): Json {
  return { ...defaults, ...Object.fromEntries(Object.entries(json).filter(([, value]) => value != null)) }
}

function tower(json: Json, field: string): TowerConfig {
  const epsilon = json.layer_norm_eps
  if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < 1))
    fail(`${field}.layer_norm_eps`, 'a small positive number is needed', epsilon)
  return {
    dim: wholeNumber(json.hidden_size, `${field}.hidden_size`),
    dimFF: wholeNumber(json.intermediate_size, `${field}.intermediate_size`),
    numLayers: wholeNumber(json.num_hidden_layers, `${field}.num_hidden_layers`),
    numHeads: wholeNumber(json.num_attention_heads, `${field}.num_attention_heads`),
    activation: oneOf<Activation>(json.hidden_act, ['gelu', 'quick_gelu'], `${field}.hidden_act`),
    layerNormEps: epsilon,
  }
}

function textTower(json: Json): TextTowerConfig {
  oneOf(json.position_embedding_type, ['absolute'], 'text_config.position_embedding_type')
  oneOf(json.is_decoder, [false], 'text_config.is_decoder')
  return {
    ...tower(json, 'text_config'),
    vocabSize: wholeNumber(json.vocab_size, 'text_config.vocab_size'),
    maxTokens: wholeNumber(json.max_position_embeddings, 'text_config.max_position_embeddings'),
    tokenTypes: wholeNumber(json.type_vocab_size, 'text_config.type_vocab_size'),
  }
}

function visionTower(json: Json): VisionTowerConfig {
  oneOf(json.num_channels, [3], 'vision_config.num_channels')
  return {
    ...tower(json, 'vision_config'),
    imageSize: wholeNumber(json.image_size, 'vision_config.image_size'),
    patchSize: wholeNumber(json.patch_size, 'vision_config.patch_size'),
  }
}

function languages(value: unknown): readonly RerankerLanguage[] {
  if (value == null) return ['zh']
  if (!Array.isArray(value) || value.length === 0) fail('languages', 'a list such as ["zh"] is needed', value)
  return value.map((language, i) => oneOf<RerankerLanguage>(language, ['zh', 'en'], `languages[${i}]`))
}

/**
 * Reads transformers' `config.json` of a Chinese-CLIP. A field that is left out has the value that transformers gives
 * it. `languages` is ours and optional: models that read more than Chinese say so there.
 * @throws ConfigError naming the field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseChineseCLIPConfig(json: unknown): ChineseCLIPConfig {
  const all = object(json, 'config')
  oneOf(all.model_type, ['chinese_clip'], 'model_type', 'The config.json of a Chinese-CLIP folder is needed.')
  // Old files carry the sizes twice; transformers lets the *_dict win.
  const part = (name: string) => object(all[`${name}_dict`] ?? all[name] ?? {}, name)
  return checkChineseCLIPConfig({
    text: textTower(withDefaults(part('text_config'), textDefaults)),
    vision: visionTower(withDefaults(part('vision_config'), visionDefaults)),
    projectionDim: wholeNumber(all.projection_dim ?? 512, 'projection_dim'),
    languages: languages(all.languages),
  })
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkChineseCLIPConfig(config: ChineseCLIPConfig): ChineseCLIPConfig {
  for (const [field, { dim, numHeads }] of [
    ['text_config', config.text],
    ['vision_config', config.vision],
  ] as const)
    if (dim % numHeads !== 0) fail(`${field}.num_attention_heads`, `must divide hidden_size, which is ${dim}`, numHeads)
  const { imageSize, patchSize } = config.vision
  if (patchSize > imageSize)
    fail('vision_config.patch_size', `must be at most image_size, which is ${imageSize}`, patchSize)
  if (config.text.maxTokens < 2)
    fail('text_config.max_position_embeddings', 'must be at least 2', config.text.maxTokens)
  return config
}
