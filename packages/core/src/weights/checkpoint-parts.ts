/** A network that a checkpoint can hold. */
export type PartName =
  | 'llm'
  | 'vision'
  | 'query'
  | 'mapping'
  | 'unet'
  | 'vae'
  | 'trans-block'
  | 'image-checker'
  | 'prompt-checker'
  | 'reranker'

/** Why a key is not used: for training only, recomputed at every start, or of no network known here. */
export type IgnoredReason = 'training-only' | 'recomputed' | 'unknown'

interface PartRule {
  /** Keys that only this network has; each must be there under one prefix. The first one finds the prefix. */
  readonly anchors: readonly [string, ...string[]]
  /** The network's keys, without their prefix. */
  readonly owns: RegExp
  /** Prefix inside a VisCPM checkpoint. */
  readonly home: string
  /** Parameters that are used, as published. */
  readonly published: number
  /** Keys of the network that only training needs. */
  readonly trainingOnly?: RegExp
}

/** Buffers of older `transformers`, which newer ones compute. */
export const recomputed: RegExp = /(^|\.)position_ids$/

/** Facts of the published files; sizes checked against full-size models built on PyTorch's meta device. */
export const partRules: Readonly<Record<PartName, PartRule>> = {
  llm: {
    anchors: ['position_bias.relative_attention_bias', 'input_embedding.weight'],
    owns: /^(encoder\.(layers|output_layernorm)|input_embedding|position_bias)\./,
    home: 'llm.',
    published: 9_616_080_896,
  },
  vision: {
    anchors: ['beit3.vision_embed.proj.weight'],
    owns: /^(beit3|mim_head)\./,
    home: 'vpm.',
    published: 607_155_200,
    trainingOnly: /^(beit3\.text_embed\.|beit3\.vision_embed\.mask_token$|mim_head\.)/,
  },
  query: { anchors: ['query'], owns: /^query$/, home: '', published: 65_536 },
  mapping: { anchors: ['mapping.0.weight', 'mapping.2.weight'], owns: /^mapping\./, home: '', published: 20_979_712 },
  unet: {
    anchors: ['time_embedding.linear_1.weight', 'conv_in.weight'],
    owns: /^(conv_in|conv_out|conv_norm_out|time_embedding|down_blocks|mid_block|up_blocks)\./,
    home: 'unet.',
    published: 865_910_724,
  },
  vae: {
    anchors: ['post_quant_conv.weight', 'decoder.conv_in.weight'],
    owns: /^(encoder|decoder|quant_conv|post_quant_conv)\./,
    home: 'vae.',
    published: 83_653_863,
  },
  'trans-block': {
    anchors: ['w_out_res.weight'],
    owns: /^(w_out_res|layernorm)\./,
    home: 'trans_block.',
    published: 4_196_352,
  },
  'image-checker': {
    anchors: ['concept_embeds', 'special_care_embeds'],
    owns: /^(concept_embeds|special_care_embeds|vision_model\.|visual_projection\.)/,
    home: '',
    published: 303_981_588,
  },
  'prompt-checker': {
    anchors: ['bert.embeddings.word_embeddings.weight', 'classifier.weight'],
    owns: /^(bert|classifier)\./,
    home: '',
    published: 102_269_186,
  },
  reranker: {
    anchors: ['text_model.embeddings.word_embeddings.weight', 'visual_projection.weight'],
    owns: /^(logit_scale$|(text_model|vision_model|visual_projection|text_projection)\.)/,
    home: '',
    published: 188_262_913,
  },
}

/** The prefix that a network's keys have in a checkpoint, or undefined when it is not there. */
export function partPrefix(name: PartName, keys: ReadonlySet<string>): string | undefined {
  const [first, ...others] = partRules[name].anchors
  for (const key of keys) {
    if (!key.endsWith(first)) continue
    const prefix = key.slice(0, key.length - first.length)
    if ((prefix === '' || prefix.endsWith('.')) && others.every(other => keys.has(prefix + other))) return prefix
  }
  return undefined
}
