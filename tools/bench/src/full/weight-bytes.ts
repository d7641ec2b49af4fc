import type { WeightSource } from '@viscpm/core'
import { type CpmBeeConfig, CpmBeeNetwork } from '@viscpm/cpm-bee'

export interface WeightBytes {
  /** Of the language model's weights in the file. */
  readonly stored: number
  /** What one step reads of them: all, since the embedding is also the output head. */
  readonly perStep: number
}

/** Keys of the language model begin with this in a whole checkpoint. */
export function llmPrefix(source: WeightSource): string {
  return source.has('llm.input_embedding.weight') ? 'llm.' : ''
}

/** Counted from the file: integers, their scales, norms. */
export function weightBytes(source: WeightSource, config: CpmBeeConfig): WeightBytes {
  let stored = 0
  for (const key of new CpmBeeNetwork(config).namedParameters(llmPrefix(source).replace(/\.$/, '')).keys()) {
    const { nbytes, quantization } = source.info(key)
    stored += nbytes + (quantization?.scales.length ?? 0)
  }
  return { stored, perStep: stored }
}
