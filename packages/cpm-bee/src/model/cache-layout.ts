import { InvalidArgumentError, type Tensor, zeros } from '@viscpm/core'
import type { CpmBeeConfig } from '../config.js'
import type { SlotDType } from './slot-array.js'

/**
 * How keys and values are kept: as computed; in half precision (half the bytes); or as bytes with one float16 scale for each
 * token and head (0.254 of the bytes at 128 numbers a head).
 */
export type KeyValueDType = 'float32' | 'float16' | 'int8'

export const keyValueDTypes: readonly KeyValueDType[] = ['float32', 'float16', 'int8']

/** One tensor of a layer's cache, in the graph `past_<name>.<layer>` and, for a run's own tokens, `present_<name>.<layer>`. */
export interface CachePart {
  readonly name: 'key' | 'key_scale' | 'value' | 'value_scale'
  readonly dtype: SlotDType
  /** Stored [outer, slots, inner]. */
  readonly outer: number
  readonly inner: number
  shape<B, S>(batch: B, slots: S): (number | B | S)[]
}

/** The tensors that make the cache of a model, for each layer that has attention. */
export class CacheLayout {
  readonly parts: readonly CachePart[]
  /** Slots that a run without any past is fed, masked: kernels for bytes take no empty tensors. */
  readonly emptySlots: 0 | 1

  /** @throws InvalidArgumentError for an unknown kind */
  constructor(
    readonly layers: readonly number[],
    { numHeads, dimHead }: Pick<CpmBeeConfig, 'numHeads' | 'dimHead'>,
    readonly kind: KeyValueDType = 'float32',
  ) {
    this.parts = partsOf(kind, numHeads, dimHead)
    this.emptySlots = kind === 'int8' ? 1 : 0
  }

  /** Bytes of one slot in all layers. */
  get bytesPerSlot(): number {
    const size = { float32: 4, float16: 2, int8: 1 }
    const layer = this.parts.reduce((sum, { dtype, outer, inner }) => sum + outer * inner * size[dtype], 0)
    return layer * this.layers.length
  }

  /** Feeds of a run that has no past; its masks cover `emptySlots`. */
  empty(batch: number): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {}
    for (const layer of this.layers)
      for (const { name, dtype, shape } of this.parts)
        feeds[`past_${name}.${layer}`] = zeros(dtype, shape(batch, this.emptySlots))
    return feeds
  }
}

function partsOf(kind: KeyValueDType, heads: number, dim: number): CachePart[] {
  const rows = (name: CachePart['name'], dtype: SlotDType): CachePart => ({
    name,
    dtype,
    outer: heads,
    inner: dim,
    shape: (batch, slots) => [batch, heads, slots, dim],
  })
  const columns = (name: CachePart['name'], dtype: SlotDType, height: number): CachePart => ({
    name,
    dtype,
    outer: heads * height,
    inner: 1,
    shape: (batch, slots) => [batch, heads, height, slots],
  })
  switch (kind) {
    case 'float32':
    case 'float16':
      return [rows('key', kind), rows('value', kind)]
    case 'int8':
      // Keys lie transposed, as integer kernels multiply by them.
      return [
        columns('key', 'int8', dim),
        columns('key_scale', 'float16', 1),
        rows('value', 'int8'),
        columns('value_scale', 'float16', 1),
      ]
    default:
      throw new InvalidArgumentError({
        argument: 'kvCache',
        message: `must be 'float32', 'float16' or 'int8', not ${JSON.stringify(kind)}`,
      })
  }
}
