import type { WeightSource } from './types.js'

/** What shapes tell of a model. Numbers of vision heads, and how position buckets are split, are not in the shapes. */
export interface CheckpointSizes {
  readonly vocabSize?: number
  readonly dimModel?: number
  readonly dimFF?: number
  readonly numLayers?: number
  readonly numHeads?: number
  readonly dimHead?: number
  /** Distance and segment buckets together. */
  readonly positionBuckets?: number
  readonly visionDim?: number
  readonly visionFF?: number
  readonly visionLayers?: number
  /** Side of a patch in pixels. */
  readonly patchSize?: number
  /** Side of the picture in pixels. */
  readonly imageSize?: number
  readonly queryNum?: number
}

/** Positions that BEiT-3 keeps before the patches': two of fairseq's, one of the class token. */
const extraPositions = 3

type Lookup = (key: string, axis: number, rank: number) => number | undefined

/** Length of the axis of a key's shape, or undefined where the key is absent or has another rank. */
function lookup(source: WeightSource, prefix: string): Lookup {
  return (key, axis, rank) => {
    if (!source.has(prefix + key)) return undefined
    const { shape } = source.info(prefix + key)
    return shape.length === rank ? shape[axis] : undefined
  }
}

/** First layer that has the key: layers can lack a block. */
function ofAnyLayer(at: Lookup, layers: number, before: string, after: string, axis: number): number | undefined {
  for (let i = 0; i < layers; i++) {
    const size = at(`${before}${i}.${after}`, axis, 2)
    if (size !== undefined) return size
  }
  return undefined
}

function countLayers(source: WeightSource, prefix: string): number {
  let layers = 0
  for (const key of source.keys()) {
    if (!key.startsWith(prefix)) continue
    const index = /^\d{1,6}(?=\.)/.exec(key.slice(prefix.length))
    if (index) layers = Math.max(layers, Number(index[0]) + 1)
  }
  return layers
}

/** Sizes of a CPM-Bee language model whose keys begin with `prefix`. */
export function llmSizes(source: WeightSource, prefix: string): CheckpointSizes {
  const at = lookup(source, prefix)
  const numLayers = countLayers(source, `${prefix}encoder.layers.`)
  const width = ofAnyLayer(at, numLayers, 'encoder.layers.', 'self_att.self_attention.project_q.weight', 0)
  const heads = at('position_bias.relative_attention_bias', 1, 2)
  return defined({
    vocabSize: at('input_embedding.weight', 0, 2),
    dimModel: at('input_embedding.weight', 1, 2),
    dimFF: ofAnyLayer(at, numLayers, 'encoder.layers.', 'ffn.ffn.w_in.w_0.weight', 0),
    numLayers,
    numHeads: heads,
    dimHead: width !== undefined && heads && width % heads === 0 ? width / heads : undefined,
    positionBuckets: at('position_bias.relative_attention_bias', 0, 2),
  })
}

/** Sizes of a BEiT-3 tower whose keys begin with `prefix`. */
export function visionSizes(source: WeightSource, prefix: string): CheckpointSizes {
  const at = lookup(source, prefix)
  const visionLayers = countLayers(source, `${prefix}beit3.encoder.layers.`)
  const patchSize = at('beit3.vision_embed.proj.weight', 2, 4)
  const positions = at('beit3.encoder.embed_positions.A.weight', 0, 2)
  const side = positions === undefined ? Number.NaN : Math.sqrt(positions - extraPositions)
  return defined({
    visionDim: at('beit3.vision_embed.proj.weight', 0, 4),
    visionFF: ofAnyLayer(at, visionLayers, 'beit3.encoder.layers.', 'ffn.A.fc1.weight', 0),
    visionLayers,
    patchSize,
    imageSize: patchSize !== undefined && Number.isInteger(side) ? side * patchSize : undefined,
  })
}

/** Number of learned queries. */
export function querySizes(source: WeightSource, prefix: string): CheckpointSizes {
  return defined({ queryNum: lookup(source, prefix)('query', 0, 2) })
}

function defined(sizes: Record<string, number | undefined>): CheckpointSizes {
  return Object.fromEntries(Object.entries(sizes).filter(([, value]) => value !== undefined))
}
