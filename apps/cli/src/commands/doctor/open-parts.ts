import { readFile } from 'node:fs/promises'
import { FileFormatError, isVisCPMError, type WeightSource } from '@viscpm/core'
import { type ChatFacts, chatFacts, cpmBeeFacts, type PaintFacts, paintFacts } from '@viscpm/core/cost'
import { type CheckpointReport, detectCheckpoint } from '@viscpm/core/weights'
import { CommandError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'

/** A model, as far as its cost depends on it. */
export type Predictable =
  | { readonly kind: 'viscpm-chat' | 'cpm-bee'; readonly facts: ChatFacts }
  | {
      readonly kind: 'viscpm-paint'
      readonly facts: PaintFacts
      readonly assumedVae: boolean
      /** Pixels of a side that is not given. */
      readonly side: number
      readonly scale: number
    }

interface Opened {
  readonly source: WeightSource
  readonly report: CheckpointReport
}

/**
 * Reads the headers of a model's files and hands them over; 'tiny' is two models.
 * @param use called with the largest file while it is open
 */
export async function withPredictable<T>(
  where: string,
  t: Messages,
  use: (models: readonly Predictable[], weights: WeightSource) => Promise<T>,
): Promise<T> {
  const { openCheckpoint } = await import('@viscpm/core/node')
  const opened: WeightSource[] = []
  const open = async (path: string): Promise<Opened> => {
    const source = await openCheckpoint(path)
    opened.push(source)
    return { source, report: detectCheckpoint(source) }
  }
  try {
    const { tinyFolder } = await import('@viscpm/chat/node')
    const one = await open(where === 'tiny' ? tinyFolder() : await checkpointOf(where))
    const models = [await predictable(one, where, open, t)]
    if (where === 'tiny') models.push(await painter(where, open))
    return await use(models, one.source)
  } finally {
    for (const source of opened) await source.close()
  }
}

/** A painter's folder may hold several checkpoints: its own way of finding the right one counts. */
async function checkpointOf(where: string): Promise<string> {
  const { findPainter } = await import('@viscpm/paint/node')
  const found = await findPainter(where, { vocabulary: where, vae: where }).catch(() => undefined)
  return found?.weights ?? where
}

async function predictable(
  one: Opened,
  where: string,
  open: (path: string) => Promise<Opened>,
  t: Messages,
): Promise<Predictable> {
  const { source, report } = one
  const { kind } = report
  if (kind === 'viscpm-chat') return { kind, facts: chatFacts(source, report) }
  if (kind === 'cpm-bee') return { kind, facts: cpmBeeFacts(source, report) }
  if (kind === 'viscpm-paint') return painter(where, open, one)
  throw new CommandError(t.cost.notRunnable(t.inspect.kinds[kind] ?? kind), t.cost.notRunnableHint)
}

async function painter(where: string, open: (path: string) => Promise<Opened>, found?: Opened): Promise<Predictable> {
  const { parseUNetConfig, parseVaeConfig, sd21BaseUNetConfig, sdVaeConfig, vaeScale } = await import(
    '@viscpm/unet-sampler'
  )
  const { findPainter } = await import('@viscpm/paint/node')
  // Any file will do for the vocabulary: it is not read.
  const given = where === 'tiny' ? {} : { vocabulary: where }
  const files = await findPainter(where, given).catch(error => {
    if (found && isVisCPMError(error, 'FILE_NOT_FOUND')) return undefined
    throw error
  })
  const painter = found ?? (await open(files!.weights))
  const has = painter.report.parts.some(({ name }) => name === 'llm')
  if (!has && files?.languageModel === undefined)
    throw new FileFormatError({ file: where, message: 'has no language model (keys llm.*)' })
  const language = has ? painter : await open(files!.languageModel!)
  const vae = files ? (await open(files.vae.weights)).source : undefined
  const facts = paintFacts({ painter, language, vae })
  const json = async (file: string | undefined) => file && JSON.parse(await readFile(file, 'utf8'))
  const [unetJson, vaeJson] = [await json(files?.unetConfig), await json(files?.vae.config)]
  const scale = vaeScale(vaeJson ? parseVaeConfig(vaeJson) : sdVaeConfig)
  const { sample_size } = unetJson ? parseUNetConfig(unetJson) : sd21BaseUNetConfig
  return { kind: 'viscpm-paint', facts, assumedVae: !vae, scale, side: scale * sample_size }
}
