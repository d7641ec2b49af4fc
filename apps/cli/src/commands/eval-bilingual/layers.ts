import { chatInput, parseChatConfig, publishedChat } from '@viscpm/chat'
import { type ModelPlace, type OpenModel, openModel } from '@viscpm/chat/node'
import type { TaskOptions } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import {
  answeredInput,
  type CpmBeeConfig,
  cpmBee10b,
  type ForwardInput,
  parseCpmBeeConfig,
  promptInput,
  StreamedCpmBee,
} from '@viscpm/cpm-bee'
import {
  LayerAlignment,
  type ModelLayersCard,
  poolTexts,
  type Rows,
  type TextPair,
  type TextSpan,
  textSpan,
} from '@viscpm/eval'
import { collatePaint, escapeText, packBatch, paintItem } from '@viscpm/tokenizer'

export interface LayersRequest extends ModelPlace {
  readonly where: string
  readonly texts: readonly TextPair[]
  readonly threads?: number
}

/** Pairs that are read together: more would need more memory, fewer would read the layers from the file more often. */
const together = 64

/**
 * Runs a language model over texts in both languages, layer by layer: one layer is in memory, and each is read once for
 * every 64 pairs. A painter reads them as it reads prompts, others as the chat's questions, without a picture. Progress: phase
 * `layers`.
 * @throws as `openModel`; the signal's reason
 */
export async function measureLayers(request: LayersRequest, task: TaskOptions): Promise<ModelLayersCard> {
  const { where, texts, threads, ...place } = request
  const opened = await openModel(where, place, ['viscpm-chat', 'viscpm-paint', 'cpm-bee'])
  const { weights, report } = opened
  const config = configOf(opened)
  const model = await StreamedCpmBee.load({
    ...{ weights, config, backend: onnxruntimeNode(), prefix: report.kind === 'cpm-bee' ? '' : 'llm.' },
    ...(threads !== undefined && { threads }),
  })
  try {
    const groups = Array.from({ length: Math.ceil(texts.length / together) }, (_, i) =>
      packed(opened, config, texts.slice(i * together, (i + 1) * together)),
    )
    const { signal, onProgress } = task
    const passes = groups.map(({ input }) => model.layers(input, { embedding: true, ...(signal && { signal }) }))
    const mean = new LayerAlignment()
    const last = new LayerAlignment()
    for (let layer = 0; layer <= config.numLayers; layer++) {
      const pooled: ReturnType<typeof poolTexts>[] = []
      for (const [g, pass] of passes.entries()) {
        const { states } = (await pass.next()).value!
        const shape = { length: groups[g]!.input.length, dim: config.dimModel }
        pooled.push(poolTexts(states.data as Float32Array, shape, groups[g]!.spans))
      }
      mean.add(layer, ...byLanguage(pooled.map(one => one.mean)))
      // Before the first layer a last token knows nothing of its text: often it is the same mark in all of them.
      if (layer > 0) last.add(layer, ...byLanguage(pooled.map(one => one.last)))
      onProgress?.({ phase: 'layers', done: layer, total: config.numLayers, unit: 'steps' })
    }
    return { model: report.kind, mean: mean.card(), last: last.card() }
  } finally {
    await model.dispose()
    await weights.close()
  }
}

function configOf({ report, config }: OpenModel): CpmBeeConfig {
  if (report.kind === 'viscpm-chat') return (config === undefined ? publishedChat : parseChatConfig(config)).llm
  return config === undefined ? cpmBee10b : parseCpmBeeConfig((config as { cpm_bee?: unknown }).cpm_bee)
}

/** English texts, then their translations, and where among the tokens each lies. */
function packed(
  opened: OpenModel,
  config: CpmBeeConfig,
  pairs: readonly TextPair[],
): { readonly input: ForwardInput; readonly spans: readonly TextSpan[] } {
  const texts = [...pairs.map(({ en }) => en), ...pairs.map(({ zh }) => zh)]
  const pack = opened.report.kind === 'viscpm-paint' ? packPrompts : packQuestions
  const input = pack(opened, config, texts)
  const idsOf = (of: ForwardInput, row: number) =>
    of.inputIds.subarray(row * of.length, row * of.length + of.lengths[row]!)
  const empty = idsOf(pack(opened, config, ['']), 0)
  return { input, spans: texts.map((_, row) => textSpan(idsOf(input, row), empty)) }
}

function packPrompts({ tokenizer }: OpenModel, _config: CpmBeeConfig, texts: readonly string[]): ForwardInput {
  return promptInput(
    collatePaint(
      tokenizer,
      texts.map(text => paintItem(tokenizer, escapeText(text))),
    ),
  )
}

function packQuestions({ tokenizer }: OpenModel, { vocabSize }: CpmBeeConfig, texts: readonly string[]): ForwardInput {
  const asked = texts.map(question => chatInput({ turns: [], question, queries: 0, syntax: 'text' }))
  const batch = packBatch(tokenizer, asked)
  // Behind the question stands what an answer begins with, which the question does not see.
  return answeredInput(
    batch,
    texts.map(() => [tokenizer.eosId]),
    { tokens: tokenizer, vocabSize },
  ).input
}

/** Rows of all groups, of each first the English half. */
function byLanguage(groups: readonly Rows[]): [Rows, Rows] {
  const dim = groups[0]!.dim
  const half = (index: 0 | 1): Rows => {
    const parts = groups.map(({ data }) => data.subarray((index * data.length) / 2, ((index + 1) * data.length) / 2))
    const data = new Float32Array(parts.reduce((n, part) => n + part.length, 0))
    let at = 0
    for (const part of parts) {
      data.set(part, at)
      at += part.length
    }
    return { data, dim }
  }
  return [half(0), half(1)]
}
