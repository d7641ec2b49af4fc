import type { WeightSource } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import { values } from './tensors.js'

/** What recordings of packed prompts have in common, under `prefix` ('in.', 'vllm.'). */
export type RecordedPrompt = Omit<PackedBatch, 'inputPos' | 'samples' | 'extTexts' | 'imageBounds'>

/** Reads a packed prompt by upstream's names. */
export async function recordedPrompt(recorded: WeightSource, prefix: string): Promise<RecordedPrompt> {
  const of = (name: string) => values<Int32Array>(recorded, prefix + name)
  const [batch, length] = recorded.info(`${prefix}input_ids`).shape as [number, number]
  return {
    batch,
    length,
    inputIds: await of('input_ids'),
    inputIdSubs: await of('input_id_subs'),
    context: Uint8Array.from(await values<Int8Array>(recorded, `${prefix}context`)),
    sampleIds: await of('sample_idx'),
    numSegments: await of('num_segments'),
    segmentIds: await of('segment_ids'),
    segmentRelOffset: await of('segment_rel_offset'),
    segmentRel: await of('segment_rel'),
    segmentRelLength: recorded.info(`${prefix}segment_rel`).shape[1]!,
    extTableIds: await of('batch_ext_table_ids'),
    extTableSub: await of('batch_ext_table_sub'),
  }
}
