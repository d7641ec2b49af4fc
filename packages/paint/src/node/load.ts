import { readFile } from 'node:fs/promises'
import { ConfigError, FileFormatError, type HubOptions, type SessionOptions, type WeightSource } from '@viscpm/core'
import { type MemoryOption, type PaintFacts, paintFacts } from '@viscpm/core/cost'
import { hubModel, onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { type CheckpointReport, detectCheckpoint, withPrefix } from '@viscpm/core/weights'
import { type CpmBeeConfig, cpmBee10b, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { loadChineseCLIP } from '@viscpm/reranker/node'
import { safetyOf } from '@viscpm/safety'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import {
  DDPMScheduler,
  type PreviewFactors,
  parsePreviewFactors,
  parseUNetConfig,
  parseVaeConfig,
  type SchedulerConfig,
  sd21BaseUNetConfig,
  sdVaeConfig,
  type UNetConfig,
  type VaeConfig,
} from '@viscpm/unet-sampler'
import { type PaintDefaults, parsePaintDefaults } from '../defaults.js'
import { type PaintParts, VisCPMPaint as PureVisCPMPaint } from '../pipeline.js'
import { chooseMode } from './choose-mode.js'
import { findPainter, type PaintFiles, type PaintPlaces, readJson } from './places.js'

export interface LoadOptions
  extends SessionOptions,
    PaintPlaces,
    Pick<
      PaintParts,
      | 'safety'
      | 'promptChecker'
      | 'imageChecker'
      | 'reranker'
      | 'scheduler'
      | 'vaeTile'
      | 'maxTokens'
      | 'previewFactors'
      | 'defaults'
      | 'name'
    > {
  /**
   * How much memory may be taken: 'auto' (what is free), a size ('4g', bytes), 'low' or 'normal' (as in `Networks`). With a size the
   * VAE decodes in tiles where nothing else fits. Default: normal, refused where that clearly cannot fit.
   */
  readonly memory?: MemoryOption
  /** Where a model comes from and goes to that is named by a hub's id. */
  readonly hub?: HubOptions
}

const keepHalfAbove = 2 * 2 ** 30

/** VisCPM-Paint from files; see `VisCPMPaint` of '@viscpm/paint'. */
export class VisCPMPaint extends PureVisCPMPaint {
  /**
   * Loads a model: `where` is 'tiny' (the embedded one), a folder, a checkpoint file as published, or a hub's id such as
   * 'openbmb/VisCPM-Paint', which is downloaded once (with @viscpm/models; see `hub`), its ranker with it.
   * @throws FileNotFoundError, FileFormatError, UnsafePickleError, VocabularyError, ConfigError, MissingKeyError,
   * UnexpectedKeyError, WrongShapeError, MissingDependencyError, InsufficientMemoryError; for ids LicenseError, OfflineError,
   * DownloadError; the signal's reason when aborted
   */
  static async load(where: string, options: LoadOptions = {}): Promise<PureVisCPMPaint> {
    const {
      vocabulary,
      config,
      unetConfig,
      schedulerConfig,
      generationConfig,
      vae,
      ranker,
      languageModel,
      hub,
      ...parts
    } = options
    parts.signal?.throwIfAborted()
    safetyOf(parts) // refuses what is none before anything is read
    parts.onProgress?.({ phase: 'open', done: 0, total: 1, unit: 'steps' })
    const found = await hubModel(where, ['paint'], () => import('@viscpm/models/node'), options)
    const companion = found?.companions.ranker
    const places = { ...(companion !== undefined && { ranker: companion }), ...options }
    const files = await findPainter(found?.path ?? where, places)
    const opened: { close(): Promise<void> }[] = []
    const closeAll = async () => {
      for (const one of opened.splice(0)) await one.close()
    }
    try {
      const { facts, ...networks } = await openNetworks(files, opened)
      const mode = await chooseMode(where, facts, files, networks, options)
      const reranker = parts.reranker ?? (await rankerOf(files, parts, opened))
      const painter = await PureVisCPMPaint.create({
        ...networks,
        ...parts,
        ...mode,
        ...(reranker && { reranker }),
        scheduler: parts.scheduler ?? (await schedulerOf(files)),
        defaults: parts.defaults ?? (await defaultsOf(files)),
        ...(await previewOf(files, networks.vae.config, parts.previewFactors)),
        backend: onnxruntimeNode(),
        onDispose: closeAll,
      })
      // Sessions that are kept have mapped or copied what they need; the UNet may make others when they are asked for.
      if (mode.memory !== 'low')
        for (const source of networks.sources) if (source !== networks.unet.weights) await source.close()
      return painter
    } catch (error) {
      await closeAll()
      throw error
    }
  }
}

export type Opened = { close(): Promise<void> }[]

export interface Found extends Pick<PaintParts, 'name' | 'tokenizer' | 'llm' | 'transBlock' | 'unet' | 'vae'> {
  readonly keepHalf: boolean
  readonly sources: readonly WeightSource[]
  /** What memory and time depend on. */
  readonly facts: PaintFacts
}

export async function openNetworks(files: PaintFiles, opened: Opened): Promise<Found> {
  const open = async (path: string) => {
    const source = await openCheckpoint(path)
    opened.push(source)
    return source
  }
  const checkpoint = await open(files.weights)
  const report = detectCheckpoint(checkpoint)
  const prefixOf = (part: CheckpointReport['parts'][number]['name']) =>
    report.parts.find(({ name }) => name === part)?.prefix
  const [unet, transBlock] = [prefixOf('unet'), prefixOf('trans-block')]
  if (unet === undefined || transBlock === undefined)
    throw new FileFormatError({
      file: checkpoint.name,
      message: `is no viscpm-paint checkpoint (found: ${report.kind})`,
      hint: `'viscpm inspect ${checkpoint.name}' shows what it is.`,
    })
  const own = await ownConfig(files)
  const { language, ...llm } = await languageModelOf(files, { source: checkpoint, report }, prefixOf('llm'), open)
  const vae = await open(files.vae.weights)
  const sizes = (part: 'llm' | 'unet') => report.parts.some(({ name, published }) => name === part && published)
  return {
    ...(own.name !== undefined && { name: own.name }),
    tokenizer: CpmBeeTokenizer.fromVocabulary(await readFile(files.vocabulary), files.vocabulary),
    llm: {
      ...llm,
      config: own.llm ?? (sizes('llm') ? cpmBee10b : askFor('language model', checkpoint.name, 'config')),
    },
    transBlock: { weights: checkpoint, prefix: transBlock },
    unet: { weights: checkpoint, prefix: unet, config: await unetConfig(files, checkpoint.name, sizes('unet')) },
    vae: { weights: vae, config: await vaeConfig(files) },
    keepHalf: halfBytes(report) > keepHalfAbove,
    sources: opened.slice() as WeightSource[],
    facts: paintFacts({ painter: { source: checkpoint, report }, language, vae }),
  }
}

const halfBytes = ({ dtypes }: CheckpointReport): number =>
  (dtypes.float16?.nbytes ?? 0) + (dtypes.bfloat16?.nbytes ?? 0)

interface Checkpoint {
  readonly source: WeightSource
  readonly report: CheckpointReport
}

/** The painter's own language model, or the one it shares with a chat. */
async function languageModelOf(
  files: PaintFiles,
  painter: Checkpoint,
  prefix: string | undefined,
  open: (path: string) => Promise<WeightSource>,
): Promise<{ weights: WeightSource; prefix: string; language: Checkpoint }> {
  const { source: checkpoint } = painter
  if (prefix !== undefined) return { weights: checkpoint, prefix, language: painter }
  if (files.languageModel === undefined)
    throw new FileFormatError({
      file: checkpoint.name,
      message: 'has no language model (keys llm.*)',
      hint: "Name the checkpoint that has it (option 'languageModel').",
    })
  const weights = await open(files.languageModel)
  const language = { source: weights, report: detectCheckpoint(weights) }
  const found = language.report.parts.find(({ name }) => name === 'llm')
  // Behind a view, so that the chat's other parts are out of the way.
  if (found) return { weights: withPrefix(weights, found.prefix), prefix: '', language }
  throw new FileFormatError({ file: weights.name, message: 'holds no CPM-Bee language model' })
}

function askFor(what: string, file: string, option: string): never {
  throw new ConfigError({
    field: option,
    message: `the ${what} of ${file} has not the published sizes, and no configuration lies beside it`,
    hint: `Give one with the option '${option}'.`,
  })
}

/** CPM-Bee's sizes, alone or as `cpm_bee` beside the `name` of the painter. */
async function ownConfig({ config: file }: PaintFiles): Promise<{ llm?: CpmBeeConfig; name?: string }> {
  if (file === undefined) return {}
  const json = await readJson(file)
  if (json === null || typeof json !== 'object' || !('cpm_bee' in json)) return { llm: parseCpmBeeConfig(json, file) }
  const llm = parseCpmBeeConfig(json.cpm_bee, 'cpm_bee')
  return 'name' in json && typeof json.name === 'string' ? { llm, name: json.name } : { llm }
}

async function unetConfig(files: PaintFiles, file: string, published: boolean): Promise<UNetConfig> {
  if (files.unetConfig !== undefined) return parseUNetConfig(await readJson(files.unetConfig))
  return published ? sd21BaseUNetConfig : askFor('UNet', file, 'unetConfig')
}

async function vaeConfig(files: PaintFiles): Promise<VaeConfig> {
  return files.vae.config === undefined ? sdVaeConfig : parseVaeConfig(await readJson(files.vae.config))
}

export async function defaultsOf({ generationConfig: file }: PaintFiles): Promise<PaintDefaults> {
  return file === undefined ? {} : parsePaintDefaults(await readJson(file))
}

async function previewOf(
  { vae: { previewFactors: file } }: PaintFiles,
  { latent_channels }: VaeConfig,
  given: PreviewFactors | undefined,
): Promise<Pick<PaintParts, 'previewFactors'>> {
  if (given) return { previewFactors: given }
  return file === undefined ? {} : { previewFactors: parsePreviewFactors(await readJson(file), latent_channels) }
}

async function schedulerOf(files: PaintFiles): Promise<DDPMScheduler> {
  if (files.schedulerConfig === undefined) return new DDPMScheduler()
  const json = (await readJson(files.schedulerConfig)) as SchedulerConfig
  return DDPMScheduler.fromConfig(json, DDPMScheduler.diffusers015)
}

async function rankerOf(files: PaintFiles, options: LoadOptions, opened: Opened): Promise<PaintParts['reranker']> {
  if (files.ranker === undefined) return undefined
  const { signal, onProgress, threads } = options
  const ranker = await loadChineseCLIP(files.ranker, {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(threads !== undefined && { threads }),
  })
  opened.push({ close: () => ranker.dispose() })
  return ranker
}
