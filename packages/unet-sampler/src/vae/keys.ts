import type { WeightSource } from '@viscpm/core'
import { renamed } from '@viscpm/core/weights'

const spelling: Readonly<Record<string, string>> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' }
const oldKey = /(\bmid_block\.attentions\.\d+\.)(query|key|value|proj_attn)(?=\.(?:weight|bias)$)/
const attentionWeight = /\bmid_block\.attentions\.\d+\.to_(?:q|k|v|out\.0)\.weight$/

/**
 * A VAE's key as newer diffusers spell it: the attention's `query`, `key`, `value`, `proj_attn` (the layout on the hub)
 * become `to_q`, `to_k`, `to_v`, `to_out.0`. Other keys, new ones among them, stay.
 */
export function newAttentionKey(key: string): string {
  return key.replace(oldKey, (_, path: string, name: string) => path + spelling[name]!)
}

/**
 * A VAE's weights under the new spelling, its attention as linear layers where a file has 1 x 1 convolutions.
 * Closing it closes `source`.
 * @throws InvalidArgumentError when a file has a tensor under both spellings.
 */
export function newVaeKeys(source: WeightSource): WeightSource {
  const view = renamed(source, newAttentionKey)
  const linear = (key: string, shape: readonly number[]) =>
    attentionWeight.test(key) && `${shape.slice(2)}` === '1,1' ? shape.slice(0, 2) : shape
  return {
    name: view.name,
    format: view.format,
    keys: () => view.keys(),
    has: key => view.has(key),
    info: key => {
      const info = view.info(key)
      const shape = linear(key, info.shape)
      return { ...info, shape, strides: info.strides.slice(0, shape.length) }
    },
    locate: key => view.locate(key),
    read: async key => {
      const t = await view.read(key)
      return { ...t, shape: linear(key, t.shape) }
    },
    close: () => view.close(),
  }
}
