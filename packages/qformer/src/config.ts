import { ConfigError } from '@viscpm/core'

/** Sizes of a vision part: BEiT-3 tower, learned queries, mapping. Names in `config.json` are upstream's (snake_case). */
export interface QFormerConfig {
  /** Pixels per side of the square picture. */
  readonly imageSize: number
  /** Pixels per side of a patch; what is left of a picture after whole patches is not looked at. */
  readonly patchSize: number
  readonly dim: number
  readonly dimFF: number
  readonly numLayers: number
  readonly numHeads: number
  /** Rows that one picture becomes in the language model. */
  readonly queryNum: number
  /** Width of the language model: what the mapping leads to. */
  readonly dimModel: number
  /** Rows of the text embedding, which checkpoints carry and pictures do not use. */
  readonly textVocab: number
  /** [in, out] of the masked-image head, which checkpoints carry and pictures do not use. */
  readonly mimHead: readonly [inFeatures: number, outFeatures: number]
}

/** The published vision part: timm's `beit3_large_patch16_224` with 64 queries, for a language model of width 4096. */
export const beit3Large: QFormerConfig = {
  imageSize: 224,
  patchSize: 16,
  dim: 1024,
  dimFF: 4096,
  numLayers: 24,
  numHeads: 16,
  queryNum: 64,
  dimModel: 4096,
  textVocab: 64010,
  mimHead: [1024, 8192],
}

/** Rows of the query position table: torchscale's default, which no published model changes. */
export const queryPositions = 1024
/** Position tables start with two rows that are not used: padding ids of the text models they come from. */
export const firstPosition = 2

/** Tokens of one picture: the class token and the patches. */
export function pictureTokens({ imageSize, patchSize }: QFormerConfig): number {
  return Math.floor(imageSize / patchSize) ** 2 + 1
}

function fail(field: string, message: string, value: unknown): never {
  throw new ConfigError({ field, message: `${message}, found ${JSON.stringify(value)}` })
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) fail(field, 'an object is needed', value)
  return value as Record<string, unknown>
}

function size(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    fail(field, 'a positive whole number is needed', value)
  return value
}

/**
 * Reads `beit3`, `query_num`, `image_size` and `cpm_bee.dim_model` of a checkpoint's `config.json`.
 * `patch` (16), `mlp_ratio` (4), `text_vocab` (64010), `mim_head` ([1024, 8192]) and `image_size` (beit3.img_size) may
 * be left out.
 * @throws ConfigError naming the field that is missing, wrong, or does not fit the others.
 */
export function parseQFormerConfig(json: unknown): QFormerConfig {
  const all = object(json, 'config')
  const beit3 = object(all.beit3, 'beit3')
  const dim = size(beit3.dim, 'beit3.dim')
  const ratio = beit3.mlp_ratio ?? 4
  if (typeof ratio !== 'number' || !(Math.floor(dim * ratio) >= 1) || !Number.isFinite(ratio))
    fail('beit3.mlp_ratio', 'a positive number is needed', ratio)
  const mimHead = beit3.mim_head ?? beit3Large.mimHead
  if (!Array.isArray(mimHead) || mimHead.length !== 2) fail('beit3.mim_head', '[in, out] is needed', mimHead)
  const imageSize = size(beit3.img_size, 'beit3.img_size')
  if (size(all.image_size ?? imageSize, 'image_size') !== imageSize)
    fail('image_size', `must equal beit3.img_size, which is ${imageSize}`, all.image_size)
  return checkQFormerConfig({
    imageSize,
    patchSize: size(beit3.patch ?? beit3Large.patchSize, 'beit3.patch'),
    dim,
    dimFF: Math.floor(dim * ratio),
    numLayers: size(beit3.layers, 'beit3.layers'),
    numHeads: size(beit3.heads, 'beit3.heads'),
    queryNum: size(all.query_num, 'query_num'),
    dimModel: size(object(all.cpm_bee, 'cpm_bee').dim_model, 'cpm_bee.dim_model'),
    textVocab: size(beit3.text_vocab ?? beit3Large.textVocab, 'beit3.text_vocab'),
    mimHead: [size(mimHead[0], 'beit3.mim_head[0]'), size(mimHead[1], 'beit3.mim_head[1]')],
  })
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkQFormerConfig(config: QFormerConfig): QFormerConfig {
  const { imageSize, patchSize, dim, numHeads, queryNum } = config
  if (dim % numHeads !== 0) fail('beit3.heads', `must divide beit3.dim, which is ${dim}`, numHeads)
  if (patchSize > imageSize) fail('beit3.patch', `must be at most beit3.img_size, which is ${imageSize}`, patchSize)
  if (queryNum > queryPositions - firstPosition)
    fail('query_num', `must be at most ${queryPositions - firstPosition}`, queryNum)
  return config
}
