import { join } from 'node:path'
import { OfflineError } from '@viscpm/core'
import type { ModelFile, ModelKind, ZooModel } from '../types.js'
import { placesOf, readRef, sizeAt, snapshotFile, snapshotFiles } from './layout.js'
import { type NamedModel, namedModel } from './names.js'
import { readSnapshotRecord } from './records.js'
import { type Settings, type SettingsOptions, settingsOf } from './settings.js'

/** A model that is in the cache, with all its files. */
export interface DownloadedModel {
  readonly id: string
  /** Absent for a repository that the zoo does not know. */
  readonly kind: ModelKind | undefined
  readonly repo: string
  readonly commit: string
  /** Folder of the snapshot. */
  readonly folder: string
  /** What to load: the checkpoint file where the zoo knows it, else the folder. */
  readonly path: string
  /** Paths of its files in the snapshot. */
  readonly files: readonly string[]
  /** Companions that are in the cache, by their kind. */
  readonly companions: Partial<Readonly<Record<ModelKind, string>>>
}

export interface FindOptions extends SettingsOptions {
  readonly zoo?: readonly ZooModel[]
}

/**
 * A model as it lies in the cache; nothing is asked of anybody.
 * @returns undefined when it is not there, or not all of it
 * @throws InvalidArgumentError as `downloadModel`
 */
export async function findDownloaded(name: string, options: FindOptions = {}): Promise<DownloadedModel | undefined> {
  return findAsItIs(name, options, false)
}

/** As `findDownloaded`; with `asItIs`, a repository that another tool fetched counts as complete: nobody can be asked. */
export async function findAsItIs(
  name: string,
  options: FindOptions,
  asItIs: boolean,
): Promise<DownloadedModel | undefined> {
  const settings = settingsOf(options)
  const named = namedModel(name, options.zoo)
  const commit = await readRef(placesOf(settings.cacheDir, named.repo), named.revision)
  return commit === undefined ? undefined : inCache({ ...named, commit }, settings, options.zoo, asItIs)
}

/** As `findDownloaded`, of something that was downloaded just now. */
export async function downloadedModel(
  named: NamedModel & { readonly commit: string },
  settings: Settings,
  zoo: readonly ZooModel[] | undefined,
): Promise<DownloadedModel> {
  const found = await inCache(named, settings, zoo)
  if (found) return found
  throw notDownloaded(named.id)
}

export function notDownloaded(id: string): OfflineError {
  return new OfflineError({
    message: `${id} is not in the cache, or not all of it, and the offline switch is on`,
    hint: `Where there is a network: viscpm download ${id}.`,
  })
}

async function inCache(
  { id, repo, model, commit }: NamedModel & { readonly commit: string },
  settings: Settings,
  zoo: readonly ZooModel[] | undefined,
  asItIs: boolean = false,
): Promise<DownloadedModel | undefined> {
  const places = placesOf(settings.cacheDir, repo)
  const folder = join(places.snapshots, commit)
  const files: string[] = []
  if (model) {
    for (const file of model.files) {
      const path = await presentOf(file, path => snapshotFile(places, commit, path), commit === model.commit)
      if (path === undefined) return undefined
      files.push(path)
    }
  } else {
    const noted = (await readSnapshotRecord(places, commit))?.files
    const wanted = noted ?? (asItIs ? await snapshotFiles(places, commit) : [])
    if (wanted.length === 0) return undefined
    for (const path of wanted) {
      if ((await sizeAt(snapshotFile(places, commit, path))) === undefined) return undefined
      files.push(path)
    }
  }
  const path = model ? snapshotFile(places, commit, model.checkpoint) : folder
  const companions = await companionsOf(model, settings, zoo)
  return { id, kind: model?.kind, repo, commit, folder, path, files, companions }
}

/** Which of a file and its stand-ins is there. */
async function presentOf(
  { path, size, exact, otherwise }: ModelFile,
  at: (path: string) => string,
  pinned: boolean,
): Promise<string | undefined> {
  const found = await sizeAt(at(path))
  if (found !== undefined && (!exact || !pinned || found === size)) return path
  return otherwise && presentOf(otherwise, at, pinned)
}

async function companionsOf(
  model: ZooModel | undefined,
  settings: Settings,
  zoo: readonly ZooModel[] | undefined,
): Promise<DownloadedModel['companions']> {
  const found: Partial<Record<ModelKind, string>> = {}
  for (const id of model?.companions ?? []) {
    const companion = namedModel(id, zoo)
    const there = await inCache({ ...companion, commit: companion.revision }, settings, zoo)
    if (there?.kind) found[there.kind] = there.folder
  }
  return found
}
