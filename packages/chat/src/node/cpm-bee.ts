import type { SessionOptions } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { CpmBee, CpmBeeModel, cpmBee10b, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { type ModelPlace, openModel } from './open-model.js'

/** The language model alone, ready for text tasks. */
export interface LoadedCpmBee {
  readonly bee: CpmBee
  dispose(): Promise<void>
}

/**
 * Loads the language model of a CPM-Bee or VisCPM checkpoint; `where` as in `VisCPMChat.load`.
 * @throws what `VisCPMChat.load` throws
 */
export async function loadCpmBee(where: string, options: SessionOptions & ModelPlace = {}): Promise<LoadedCpmBee> {
  const { vocabulary, config, ...session } = options
  session.signal?.throwIfAborted()
  const place = { ...(vocabulary !== undefined && { vocabulary }), ...(config !== undefined && { config }) }
  const opened = await openModel(where, place, ['cpm-bee', 'viscpm-chat', 'viscpm-paint'])
  try {
    const json = opened.config as { cpm_bee?: unknown } | undefined
    const model = await CpmBeeModel.load({
      keepHalf: opened.keepHalf,
      ...session,
      weights: opened.weights,
      config: json === undefined ? cpmBee10b : parseCpmBeeConfig(json.cpm_bee),
      prefix: opened.report.kind === 'cpm-bee' ? '' : 'llm.',
      backend: onnxruntimeNode(),
    })
    return { bee: new CpmBee({ model, tokenizer: opened.tokenizer }), dispose: () => model.dispose() }
  } finally {
    await opened.weights.close()
  }
}
