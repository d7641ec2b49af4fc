import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeModel, parseCpmBeeConfig, type VisionRows } from '@viscpm/cpm-bee'
import { parseQFormerConfig, QFormer } from '@viscpm/qformer'
import type { CpmBeeTokenizer, PackedBatch } from '@viscpm/tokenizer'
import { values } from './tensors.js'
import { loadTokenizer } from './vocabularies.js'

interface Meta {
  readonly model: string
  readonly query_num: number
}

/** What the recorded generations were made with. */
export class GenerationModel {
  private readonly states = new Map<string, Promise<VisionRows>>()

  private constructor(
    readonly model: CpmBeeModel,
    readonly tokenizer: CpmBeeTokenizer,
    readonly queryNum: number,
    private readonly qformer: QFormer,
    private readonly tensors: WeightSource,
    private readonly weights: WeightSource,
  ) {}

  static async load(goldens: string, file: string): Promise<GenerationModel> {
    const folder = join(goldens, 'generation')
    const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Meta
    const checkpoints = join(goldens, 'checkpoints', meta.model)
    const json = JSON.parse(readFileSync(join(checkpoints, 'config.json'), 'utf8')) as { cpm_bee: unknown }
    const weights = await openCheckpoint(join(checkpoints, file))
    const backend = onnxruntimeNode()
    return new GenerationModel(
      await CpmBeeModel.load({ weights, config: parseCpmBeeConfig(json.cpm_bee), backend, prefix: 'llm.' }),
      loadTokenizer(goldens, 'tiny-vocab'),
      meta.query_num,
      await QFormer.load({ weights, config: parseQFormerConfig(json), backend }),
      await openCheckpoint(join(folder, 'tensors.safetensors')),
      weights,
    )
  }

  /** The states of a recorded picture, or those saved under `saved`. */
  vision(picture: string, saved?: string): Promise<VisionRows> {
    const key = saved === undefined ? `${picture}.pixel_values` : `${saved}.vision_hidden_states`
    const known = this.states.get(key)
    if (known) return known
    const read = async (): Promise<VisionRows> => {
      const recorded = await values<Float32Array>(this.tensors, key)
      const data = saved === undefined ? (await this.qformer.encode(recorded)).data : recorded
      return { data, rows: this.queryNum }
    }
    const made = read()
    this.states.set(key, made)
    return made
  }

  async dispose(): Promise<void> {
    await this.model.dispose()
    await this.qformer.dispose()
    await this.tensors.close()
    await this.weights.close()
  }
}

/**
 * Pictures as upstream places them: only row 0 gets one, its own, at the bounds of the last sample, which count from
 * the start of the padded row. The other rows keep the embedding of `<unk>`.
 */
export function upstreamBatchImages(
  batch: PackedBatch,
  picture: VisionRows,
): { batch: PackedBatch; vision: (VisionRows | undefined)[] } {
  const padding = batch.length - batch.samples[0]!.length
  const width = picture.data.length / picture.rows
  const [start, end] = batch.imageBounds.at(-1)![0]!
  // What lies on padding is seen by nobody.
  const lost = Math.max(0, Math.min(padding - start, picture.rows))
  const placed = [start + lost - padding, end - padding] as const
  return {
    batch: { ...batch, imageBounds: batch.samples.map((_, row) => (row === 0 ? [placed] : [])) },
    vision: batch.samples.map((_, row) =>
      row === 0 ? { data: picture.data.subarray(lost * width), rows: picture.rows - lost } : undefined,
    ),
  }
}
