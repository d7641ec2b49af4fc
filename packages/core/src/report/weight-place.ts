/** Where in a model a weight is. */
export interface WeightPlace {
  /** What comes before the layers: 'llm.encoder', 'vpm.beit3.encoder', 'unet.down_blocks.0'. '' where there are none. */
  readonly part: string
  /** Number of the layer; absent outside of layers. */
  readonly layer?: number
  /** What it is within its layer, e.g. 'project_q', 'w_in.w_0', 'q_proj.A'; outside of layers, its key. */
  readonly kind: string
}

/** Levels of names that only group others. */
const grouping: ReadonlySet<string> = new Set(['self_att', 'self_attention', 'self_attn', 'ffn', 'w_in'])

/** Reads a weight's place off its key, as CPM-Bee, BEiT-3 and transformers name them. */
export function weightPlace(key: string): WeightPlace {
  const names = key.replace(/\.weight$/, '').split('.')
  const at = names.findIndex(
    (name, i) => /^(layers?|transformer_blocks|resnets|attentions)$/.test(name) && /^\d+$/.test(names[i + 1] ?? ''),
  )
  if (at < 0) return { part: '', kind: names.join('.') }
  const within = names.slice(at + 2)
  const kind = within.filter(name => !grouping.has(name)).join('.') || within.join('.')
  return { part: names.slice(0, at).join('.'), layer: Number(names[at + 1]), kind }
}
