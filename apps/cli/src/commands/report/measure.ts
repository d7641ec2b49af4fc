import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { tinyFolder } from '@viscpm/chat/node'
import { FileFormatError, InvalidArgumentError, type TaskOptions, type WeightSource } from '@viscpm/core'
import { openCheckpoint, quantizeCheckpoint } from '@viscpm/core/node'
import { type CheckpointReport, detectCheckpoint, withPrefix } from '@viscpm/core/weights'
import type { ConvertedCard, PaintingsCard, ReportCard, ReportRequest, SkipReason, WeightsCard } from './card.js'
import { canPaint, comparePaintings, paintAll } from './paintings.js'
import { type Converted, differs, findConverted, findSource } from './places.js'
import { paintingPrompts } from './questions.js'
import { largeBytes, measureSpeech, type SpokenCard } from './speech.js'
import { measureWeights } from './weights.js'

const paintingsOfLarge = 1

/**
 * Measures what converting did to a model. One thing after another, so that source and converted model are never in memory
 * together. Progress: phases `convert`, `compare` (bytes), `vision`, `answers`, `layers`, `paintings` (steps).
 * @throws what finding and loading the models throws; FileFormatError for folders of another kind of model
 */
export async function measureCard(request: ReportRequest, task: TaskOptions): Promise<ReportCard> {
  if (request.folders.length > 0) {
    const converted: Converted[] = []
    for (const folder of request.folders) converted.push(await findConverted(folder, request.source))
    return measureAll(
      request.source === undefined ? await findSource(converted[0]!) : pathOf(request.source),
      converted,
      request,
      task,
    )
  }
  const source = pathOf(request.source ?? 'tiny')
  const scratch = await mkdtemp(join(tmpdir(), 'viscpm-report-'))
  try {
    return await measureAll(source, await convertBoth(source, scratch, task), request, task)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const pathOf = (source: string): string => (source === 'tiny' ? tinyFolder() : source)

/** @throws InvalidArgumentError for a source that is too large to be converted twice by the way */
async function convertBoth(source: string, scratch: string, task: TaskOptions): Promise<Converted[]> {
  const weights = await openCheckpoint(source)
  const bytes = bytesOf(weights)
  await weights.close()
  if (bytes > largeBytes)
    throw new InvalidArgumentError({
      argument: 'folders',
      message: `${source} is too large to be converted by the way`,
      hint: "Convert it with 'viscpm quantize', and name the folder.",
    })
  const made: Converted[] = []
  for (const dtype of ['int8', 'int4'] as const) {
    const { manifest, folder } = await quantizeCheckpoint(source, join(scratch, dtype), { dtype, ...task })
    made.push({ folder, name: dtype, manifest })
  }
  return made
}

async function measureAll(
  source: string,
  converted: readonly Converted[],
  request: ReportRequest,
  task: TaskOptions,
): Promise<ReportCard> {
  const found = await openPart(source)
  try {
    const { kind } = found.report
    const parts: Pick<ConvertedCard, 'bytes' | 'weights' | 'sourceDiffers'>[] = []
    for (const { folder, manifest } of converted) {
      const { bytes, weights } = await compareFolder(found, folder, task)
      parts.push({ bytes, weights, sourceDiffers: await differs(source, manifest) })
    }
    const folders = converted.map(({ folder }) => folder)
    const spoken = await speechOf(kind, source, folders, request, task)
    const painted = await paintingsOf(kind, found.bytes, source, folders, request, task)
    return {
      format: 'viscpm-report-1',
      kind,
      source: { name: basename(resolve(source)), bytes: found.bytes },
      converted: converted.map(({ name, manifest }, i) => {
        const { skipped: silent, ...speech } = spoken[i]!
        const { paintings, skipped: blank } = painted[i]!
        return {
          name,
          ...parts[i]!,
          ...(manifest && { options: optionsOf(manifest.options) }),
          ...speech,
          ...(paintings && { paintings }),
          skipped: [...silent, ...blank],
        }
      }),
    }
  } finally {
    await found.weights.close()
  }
}

const optionsOf = ({ dtype, blockSize, rounding }: NonNullable<ConvertedCard['options']>) => ({
  dtype,
  blockSize,
  rounding,
})

interface Found {
  readonly weights: WeightSource
  readonly report: CheckpointReport
  readonly bytes: number
}

async function openPart(path: string): Promise<Found> {
  const opened = await openCheckpoint(path)
  const report = detectCheckpoint(opened)
  const weights = report.prefix ? withPrefix(opened, report.prefix) : opened
  return { weights, report, bytes: bytesOf(weights) }
}

/** Stored bytes of all tensors, scales included. */
function bytesOf(weights: WeightSource): number {
  const infos = weights.keys().map(key => weights.info(key))
  return infos.reduce((sum, { nbytes, quantization }) => sum + nbytes + (quantization?.scales.length ?? 0), 0)
}

async function compareFolder(
  source: Found,
  folder: string,
  task: TaskOptions,
): Promise<{ bytes: number; weights: WeightsCard }> {
  const { weights, report, bytes } = await openPart(folder)
  try {
    if (report.kind !== source.report.kind)
      throw new FileFormatError({
        file: weights.name,
        message: `is of kind ${report.kind}, its source ${source.weights.name} of kind ${source.report.kind}`,
        hint: 'Name what it was made of with --source.',
      })
    return { bytes, weights: await measureWeights(source.weights, weights, task) }
  } finally {
    await weights.close()
  }
}

const speaking: ReadonlySet<string> = new Set(['viscpm-chat', 'viscpm-paint', 'cpm-bee'])

async function speechOf(
  kind: string,
  source: string,
  folders: readonly string[],
  request: ReportRequest,
  task: TaskOptions,
): Promise<SpokenCard[]> {
  const reason: SkipReason | undefined = request.quick ? 'quick' : speaking.has(kind) ? undefined : 'kind'
  if (!reason) return measureSpeech(source, folders, request, task)
  const skipped = (['layers', 'logits', 'answers'] as const).map(part => ({ part, reason }))
  return folders.map(() => ({ skipped }))
}

async function paintingsOf(
  kind: string,
  bytes: number,
  source: string,
  folders: readonly string[],
  request: ReportRequest,
  task: TaskOptions,
): Promise<Pick<ConvertedCard, 'paintings' | 'skipped'>[]> {
  const { vocabulary, config, threads, paintings, quick } = request
  const places = { ...(vocabulary !== undefined && { vocabulary }), ...(config !== undefined && { config }) }
  const large = bytes > largeBytes
  const prompts = paintingPrompts.slice(0, paintings ?? (large ? paintingsOfLarge : undefined))
  const skip = async (): Promise<SkipReason | undefined> => {
    if (kind !== 'viscpm-paint') return 'kind'
    if (quick || prompts.length === 0) return 'quick'
    for (const where of [source, ...folders]) if (!(await canPaint(where, places))) return 'parts'
    return undefined
  }
  const reason = await skip()
  if (reason) return folders.map(() => ({ skipped: [{ part: 'paintings', reason }] }))
  const options = { ...places, ...task, prompts, low: large, ...(threads !== undefined && { threads }) }
  const own = await paintAll(source, options)
  const cards: { paintings: PaintingsCard; skipped: [] }[] = []
  for (const folder of folders) {
    const card = await comparePaintings(prompts, own, await paintAll(folder, options), threads)
    cards.push({ paintings: card, skipped: [] })
  }
  return cards
}
