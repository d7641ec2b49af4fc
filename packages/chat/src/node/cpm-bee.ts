import type { SessionOptions } from '@viscpm/core'
import { cpmBeeFacts } from '@viscpm/core/cost'
import { onnxruntimeNode } from '@viscpm/core/node'
import { CpmBee, CpmBeeModel, cpmBee10b, type KeyValueDType, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import type { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { chooseMode, type MemoryOptions } from './choose-mode.js'
import { type ModelPlace, openModel } from './open-model.js'

/** The language model alone, ready for text tasks. */
export class LoadedCpmBee extends CpmBee {
  readonly #model: CpmBeeModel

  constructor(parts: { readonly model: CpmBeeModel; readonly tokenizer: CpmBeeTokenizer }) {
    super(parts)
    this.#model = parts.model
  }

  /** Frees the weights. */
  async dispose(): Promise<void> {
    await this.#model.dispose()
  }
}

export interface LoadCpmBeeOptions extends SessionOptions, ModelPlace, MemoryOptions {
  /** How keys and values are kept while an answer grows. Default: as in `CpmBeeModelOptions`. */
  readonly kvCache?: KeyValueDType
}

/**
 * Loads the language model of a CPM-Bee or VisCPM checkpoint; `where` as in `VisCPMChat.load`.
 * @throws what `VisCPMChat.load` throws
 */
export async function loadCpmBee(where: string, options: LoadCpmBeeOptions = {}): Promise<LoadedCpmBee> {
  const { vocabulary: _vocabulary, config: _config, memory: _memory, hub: _hub, ...session } = options
  session.signal?.throwIfAborted()
  const opened = await openModel(where, options, ['cpm-bee', 'viscpm-chat', 'viscpm-paint'])
  try {
    const json = opened.config as { cpm_bee?: unknown } | undefined
    const facts = cpmBeeFacts(opened.source, opened.report)
    const { keepHalf, kvCache } = chooseMode(where, facts, opened.keepHalf, options)
    const model = await CpmBeeModel.load({
      ...session,
      keepHalf,
      kvCache,
      weights: opened.weights,
      config: json === undefined ? cpmBee10b : parseCpmBeeConfig(json.cpm_bee),
      prefix: opened.report.kind === 'cpm-bee' ? '' : 'llm.',
      backend: onnxruntimeNode(),
    })
    return new LoadedCpmBee({ model, tokenizer: opened.tokenizer })
  } finally {
    await opened.weights.close()
  }
}
