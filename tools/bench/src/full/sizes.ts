import { cpmBee10b } from '@viscpm/cpm-bee'
import type { ModelConfig } from '../random-model.js'

/** How a matrix is stored: integers of `bits` bits, one scale for each `blockSize` of them. */
export interface BlockFormat {
  readonly bits: 4 | 8
  readonly blockSize: 32 | 64 | 128 | 256
}

/** How a whole model is stored: the layers' matrices, and the embedding, which is also the output head. */
export interface ModelFormat {
  readonly layers: BlockFormat
  readonly head: BlockFormat
}

const int8: BlockFormat = { bits: 8, blockSize: 128 }

/** What is measured; the first is what `viscpm quantize --dtype int4` gives. */
export const modelFormats: Readonly<Record<string, ModelFormat>> = {
  'int4/128': { layers: { bits: 4, blockSize: 128 }, head: int8 },
  'int4/32': { layers: { bits: 4, blockSize: 32 }, head: int8 },
  'int8/128': { layers: int8, head: int8 },
}

/** `config.json` of CPM-Bee 10B, with fewer layers where asked for. */
export function fullConfig(layers: number = cpmBee10b.numLayers): ModelConfig {
  return {
    cpm_bee: {
      vocab_size: cpmBee10b.vocabSize,
      dim_model: cpmBee10b.dimModel,
      dim_ff: cpmBee10b.dimFF,
      num_layers: layers,
      num_heads: cpmBee10b.numHeads,
      dim_head: cpmBee10b.dimHead,
      position_bias_num_buckets: cpmBee10b.positionBiasNumBuckets,
      position_bias_num_segment_buckets: cpmBee10b.positionBiasNumSegmentBuckets,
      position_bias_max_distance: cpmBee10b.positionBiasMaxDistance,
      eps: cpmBee10b.eps,
      half: cpmBee10b.half,
    },
  }
}
