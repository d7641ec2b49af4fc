/** Where in a model a weight is. */
export interface WeightPlace {
  /** The network, by the first of the key's names: 'llm', 'vpm', 'unet'. */
  readonly network: string
  /** The layer with all that leads to it, 'llm.encoder 12'; absent outside of layers. */
  readonly layer?: string
  /** What it is within its layer, after the network: 'llm project_q', 'vpm q_proj.A'; outside of layers, its key. */
  readonly kind: string
}

/** Levels of names that only group others. */
const grouping: ReadonlySet<string> = new Set(['self_att', 'self_attention', 'self_attn', 'ffn', 'w_in'])
const lists = /^(layers?|transformer_blocks|resnets|attentions)$/

/** Reads a weight's place off its key, as CPM-Bee, BEiT-3 and diffusers name them. */
export function weightPlace(key: string): WeightPlace {
  const names = key.replace(/\.weight$/, '').split('.')
  const network = names[0]!
  const at = names.findIndex((name, i) => lists.test(name) && /^\d+$/.test(names[i + 1] ?? ''))
  if (at < 0) return { network, kind: names.join('.') }
  const within = names.slice(at + 2)
  const kind = within.filter(name => !grouping.has(name)).join('.') || within.join('.')
  return { network, kind: `${network} ${kind}`, layer: `${names.slice(0, at).join('.')} ${names[at + 1]}`.trim() }
}
