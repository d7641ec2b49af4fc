import { parseChatConfig, publishedChat } from '@viscpm/chat'
import { type ModelPlace, type OpenModel, openModel } from '@viscpm/chat/node'
import type { Image, TaskOptions } from '@viscpm/core'
import { preprocess } from '@viscpm/core/image'
import { onnxruntimeNode } from '@viscpm/core/node'
import {
  type CpmBeeConfig,
  CpmBeeModel,
  cpmBee10b,
  decodeStream,
  parseCpmBeeConfig,
  StreamedCpmBee,
  type VisionRows,
} from '@viscpm/cpm-bee'
import { QFormer, type QFormerConfig } from '@viscpm/qformer'
import type { Prompts } from './prompts.js'

export interface SpeakerOptions extends ModelPlace {
  readonly threads?: number
}

const maxNewTokens = 64

/** The language model of a checkpoint, and its eyes: each loaded for what it is needed for, and freed after it. */
export class Speaker {
  readonly llm: CpmBeeConfig
  readonly vision: QFormerConfig | undefined
  readonly #session: { readonly threads?: number; readonly keepHalf: boolean }

  private constructor(
    readonly opened: OpenModel,
    { threads }: SpeakerOptions,
  ) {
    const { report, config } = opened
    const chat =
      report.kind === 'viscpm-chat' ? (config === undefined ? publishedChat : parseChatConfig(config)) : undefined
    const own = config as { cpm_bee?: unknown } | undefined
    this.vision = chat?.vision
    this.llm = chat?.llm ?? (own === undefined ? cpmBee10b : parseCpmBeeConfig(own.cpm_bee))
    this.#session = { keepHalf: opened.keepHalf, ...(threads !== undefined && { threads }) }
  }

  /** No weight is read. @throws as `VisCPMChat.load` */
  static async open(where: string, options: SpeakerOptions): Promise<Speaker> {
    const opened = await openModel(where, options, ['viscpm-chat', 'viscpm-paint', 'cpm-bee'])
    return new Speaker(opened, options)
  }

  get #parts() {
    const { weights, report } = this.opened
    const prefix = report.kind === 'cpm-bee' ? '' : 'llm.'
    return { weights, prefix, config: this.llm, backend: onnxruntimeNode(), ...this.#session }
  }

  /** Rough bytes that answering takes: half-precision weights are widened unless they are kept half. */
  get residentBytes(): number {
    const { report, keepHalf } = this.opened
    const half = (report.dtypes.float16?.nbytes ?? 0) + (report.dtypes.bfloat16?.nbytes ?? 0)
    return report.nbytes + (keepHalf ? 0 : half) + 2 ** 30
  }

  /** What the tower sees in each picture; equal ones are looked at once. */
  async see(images: readonly Image[], task: TaskOptions): Promise<VisionRows[]> {
    const { weights } = this.opened
    const { imageSize } = this.vision!
    const tower = await QFormer.load({ weights, config: this.vision!, backend: onnxruntimeNode(), ...this.#session })
    try {
      const seen = new Map<Image, VisionRows>()
      for (const image of new Set(images)) {
        task.signal?.throwIfAborted()
        const { data, shape } = await tower.encode(preprocess(image, imageSize).data)
        seen.set(image, { data, rows: shape[0]! * shape[1]! })
        task.onProgress?.({ phase: 'vision', done: seen.size, total: new Set(images).size, unit: 'steps' })
        await new Promise(resolve => setTimeout(resolve)) // a run blocks the thread: whatever waits has its turn here
      }
      return images.map(image => seen.get(image)!)
    } finally {
      await tower.dispose()
    }
  }

  /** Greedy answers of every group of prompts, as ids. Progress: phase `answers`, in prompts. */
  async answer(
    groups: readonly Prompts[],
    seen: readonly (readonly VisionRows[])[],
    task: TaskOptions,
  ): Promise<number[][][]> {
    const { tokenizer: tokens } = this.opened
    const total = groups.reduce((sum, { questions }) => sum + questions.length, 0)
    const { signal, onProgress } = task
    // What the weights lose is told apart from what a cache kept as bytes does.
    const model = await CpmBeeModel.load({ ...this.#parts, kvCache: 'float32', ...(signal && { signal }) })
    try {
      const answers: number[][][] = []
      let done = 0
      for (const [g, { batch, questions }] of groups.entries()) {
        const ids = questions.map((): number[] => [])
        const options = { decoding: 'greedy', tokens, maxLength: maxNewTokens, ...(signal && { signal }) } as const
        for await (const { sample, id } of decodeStream(model, batch, {
          ...options,
          ...(seen[g]!.length > 0 && { vision: seen[g]! }),
        })) {
          ids[sample]!.push(id)
          onProgress?.({ phase: 'answers', done: done + sample, total, unit: 'steps' })
        }
        done += questions.length
        onProgress?.({ phase: 'answers', done, total, unit: 'steps' })
        answers.push(ids)
      }
      return answers
    } finally {
      await model.dispose()
    }
  }

  /** The language model, layer by layer. */
  stream(): Promise<StreamedCpmBee> {
    const { keepHalf: _always, ...parts } = this.#parts
    return StreamedCpmBee.load(parts)
  }

  /** Ids as people read them. */
  text(ids: readonly number[], { batch }: Prompts, sample: number): string {
    const { tokenizer } = this.opened
    return tokenizer.decode(
      ids.filter(id => id !== tokenizer.eosId),
      batch.extTexts[sample]!,
    )
  }

  close(): Promise<void> {
    return this.opened.weights.close()
  }
}
