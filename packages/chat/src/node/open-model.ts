import { readFile } from 'node:fs/promises'
import { ConfigError, FileFormatError, type HubOptions, type TaskOptions, type WeightSource } from '@viscpm/core'
import { type HubModelKind, hubModel, openCheckpoint } from '@viscpm/core/node'
import { type CheckpointReport, detectCheckpoint, withPrefix } from '@viscpm/core/weights'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { findModel, type ModelFiles, readJson } from './places.js'

export interface ModelPlace {
  /** Vocabulary file; default: bee.txt beside the weights. */
  readonly vocabulary?: string
  /** Configuration file; default: config.json beside the weights, else the published sizes. */
  readonly config?: string
  /** Where a model comes from and goes to that is named by a hub's id. */
  readonly hub?: HubOptions
}

/** A model's files, opened: no weight is read yet. */
export interface OpenModel {
  readonly files: ModelFiles
  readonly weights: WeightSource
  /** The whole file, which `report` is of. */
  readonly source: WeightSource
  readonly report: CheckpointReport
  readonly tokenizer: CpmBeeTokenizer
  /** Parsed config.json; undefined for the published sizes. */
  readonly config: unknown
  /** Keep half-precision weights half: float32 copies of them would not fit an ordinary machine. */
  readonly keepHalf: boolean
}

const keepHalfAbove = 2 * 2 ** 30

const hubKinds: Partial<Record<CheckpointReport['kind'], HubModelKind>> = {
  'viscpm-chat': 'chat',
  'viscpm-paint': 'paint',
}

/**
 * Opens a model of one of `kinds`; a hub's id is looked up in the cache, and downloaded if it is not there.
 * @throws FileNotFoundError, FileFormatError, UnsafePickleError, VocabularyError, ConfigError; for ids MissingDependencyError,
 * LicenseError, OfflineError, DownloadError
 */
export async function openModel(
  where: string,
  place: ModelPlace & TaskOptions,
  kinds: readonly CheckpointReport['kind'][],
): Promise<OpenModel> {
  const wanted = kinds.flatMap(kind => hubKinds[kind] ?? [])
  const found = await hubModel(where, wanted, () => import('@viscpm/models/node'), place)
  const files = await findModel(found?.path ?? where, place)
  const opened = await openCheckpoint(files.weights)
  try {
    const report = detectCheckpoint(opened)
    if (!kinds.includes(report.kind))
      throw new FileFormatError({
        file: opened.name,
        message: `is no ${kinds[0]} checkpoint (found: ${report.kind})`,
        hint: `'viscpm inspect ${opened.name}' shows what it is.`,
      })
    if (!files.config && !report.published)
      throw new ConfigError({
        field: 'config.json',
        message: `the sizes of ${opened.name} are not the published ones, and no configuration lies beside it`,
        hint: "Give one with --config FILE (option 'config').",
      })
    const halfBytes = (report.dtypes.float16?.nbytes ?? 0) + (report.dtypes.bfloat16?.nbytes ?? 0)
    return {
      files,
      weights: report.prefix ? withPrefix(opened, report.prefix) : opened,
      source: opened,
      report,
      tokenizer: CpmBeeTokenizer.fromVocabulary(await readFile(files.vocabulary), files.vocabulary),
      config: files.config && (await readJson(files.config)),
      keepHalf: halfBytes > keepHalfAbove,
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}
