import { failConfig, type JsonObject, oneOf, wholeNumber, withDefaults } from './json.js'

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
  /** Rows of the token type table, of which a text of one segment uses the first. */
  readonly tokenTypes: number
}

export interface VisionTowerConfig extends TowerConfig {
  /** Pixels per side of the square picture. */
  readonly imageSize: number
  /** Pixels per side of a patch; what is left of a picture after whole patches is not looked at. */
  readonly patchSize: number
}

/** Tokens of one picture: the class token and the patches. */
export function pictureTokens({ imageSize, patchSize }: VisionTowerConfig): number {
  return Math.floor(imageSize / patchSize) ** 2 + 1
}

/** What transformers takes for a field that a configuration leaves out. */
const sharedDefaults = { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, num_attention_heads: 12 }
const bertDefaults: JsonObject = {
  ...sharedDefaults,
  vocab_size: 30522,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  hidden_act: 'gelu',
  layer_norm_eps: 1e-12,
  position_embedding_type: 'absolute',
  is_decoder: false,
}
const clipVisionDefaults: JsonObject = {
  ...sharedDefaults,
  num_channels: 3,
  image_size: 224,
  patch_size: 32,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
}

function tower(json: JsonObject, at: string): TowerConfig {
  const epsilon = json.layer_norm_eps
  if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < 1))
    failConfig(`${at}layer_norm_eps`, 'a small positive number is needed', epsilon)
  return {
    dim: wholeNumber(json.hidden_size, `${at}hidden_size`),
    dimFF: wholeNumber(json.intermediate_size, `${at}intermediate_size`),
    numLayers: wholeNumber(json.num_hidden_layers, `${at}num_hidden_layers`),
    numHeads: wholeNumber(json.num_attention_heads, `${at}num_attention_heads`),
    activation: oneOf<Activation>(json.hidden_act, ['gelu', 'quick_gelu'], `${at}hidden_act`),
    layerNormEps: epsilon,
  }
}

/**
 * Sizes of a BERT, as in transformers' BertConfig. `at` is what stands before the fields in messages: 'text_config.'.
 * @throws ConfigError naming the field that is wrong or not supported.
 */
export function parseTextTower(fields: JsonObject, at = ''): TextTowerConfig {
  const json = withDefaults(fields, bertDefaults)
  oneOf(json.position_embedding_type, ['absolute'], `${at}position_embedding_type`)
  oneOf(json.is_decoder, [false], `${at}is_decoder`)
  return {
    ...tower(json, at),
    vocabSize: wholeNumber(json.vocab_size, `${at}vocab_size`),
    maxTokens: wholeNumber(json.max_position_embeddings, `${at}max_position_embeddings`),
    tokenTypes: wholeNumber(json.type_vocab_size, `${at}type_vocab_size`),
  }
}

/**
 * Sizes of a CLIP vision tower, as in transformers' CLIPVisionConfig. `at` is what stands before the fields in messages.
 * @throws ConfigError naming the field that is wrong or not supported.
 */
export function parseVisionTower(fields: JsonObject, at = ''): VisionTowerConfig {
  const json = withDefaults(fields, clipVisionDefaults)
  oneOf(json.num_channels, [3], `${at}num_channels`)
  return {
    ...tower(json, at),
    imageSize: wholeNumber(json.image_size, `${at}image_size`),
    patchSize: wholeNumber(json.patch_size, `${at}patch_size`),
  }
}

function checkHeads({ dim, numHeads }: TowerConfig, at: string): void {
  if (dim % numHeads !== 0) failConfig(`${at}num_attention_heads`, `must divide hidden_size, which is ${dim}`, numHeads)
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkTextTower(config: TextTowerConfig, at = ''): void {
  checkHeads(config, at)
  if (config.maxTokens < 2) failConfig(`${at}max_position_embeddings`, 'must be at least 2', config.maxTokens)
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkVisionTower(config: VisionTowerConfig, at = ''): void {
  checkHeads(config, at)
  const { imageSize, patchSize } = config
  if (patchSize > imageSize)
    failConfig(`${at}patch_size`, `must be at most image_size, which is ${imageSize}`, patchSize)
}
