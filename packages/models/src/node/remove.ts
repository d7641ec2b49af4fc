import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FileNotFoundError, WriteFailedError } from '@viscpm/core'
import { isLock, tryLock } from '@viscpm/core/node'
import type { ModelFile, ZooModel } from '../types.js'
import { zoo as wholeZoo } from '../zoo/index.js'
import type { FindOptions } from './downloaded.js'
import { placesOf, type RepoPlaces, snapshotFile, snapshotFiles } from './layout.js'
import { namedModel } from './names.js'
import { removePart } from './part-file.js'
import { blobOf, forgetBlob, forgetCopy } from './records.js'
import { settingsOf } from './settings.js'

export interface RemovedModel {
  readonly id: string
  /** What the disk has got back. */
  readonly bytes: number
}

/**
 * Removes a model from the cache: a variant's own files, where the repository holds others too; else the whole repository. What
 * companions it has stays.
 * @throws FileNotFoundError when nothing of it is there, WriteFailedError while somebody downloads it, InvalidArgumentError
 */
export async function removeDownloaded(name: string, options: FindOptions = {}): Promise<RemovedModel> {
  const named = namedModel(name, options.zoo)
  const places = placesOf(settingsOf(options).cacheDir, named.repo)
  const before = await bytesIn(places.root)
  if (before === undefined)
    throw new FileNotFoundError({ file: named.id, message: 'it is not in the cache', hint: "See 'viscpm list'." })
  await refuseWhileBusy(places, named.id)
  const siblings = named.model ? await presentSiblings(named.model, places, options.zoo ?? wholeZoo) : []
  if (named.model && siblings.length > 0) await removeVariant(named.model, siblings, places)
  else await rm(places.root, { recursive: true, force: true })
  await rmdir(places.locks).catch(() => {})
  const bytes = before - ((await bytesIn(places.root)) ?? 0)
  return { id: named.id, bytes }
}

async function refuseWhileBusy({ locks }: RepoPlaces, id: string): Promise<void> {
  for (const name of await readdir(locks).catch(() => [])) {
    if (!name.endsWith('.viscpm.lock')) continue
    const taken = await tryLock(join(locks, name))
    if (!isLock(taken))
      throw new WriteFailedError({
        file: id,
        message: `process ${taken.pid} on ${taken.host} is downloading it`,
        hint: 'Stop that process first.',
      })
    await taken.release()
  }
}

/** Other models of the repository whose weights are there. */
async function presentSiblings(
  model: ZooModel,
  places: RepoPlaces,
  zoo: readonly ZooModel[],
): Promise<readonly ZooModel[]> {
  const others = zoo.filter(({ repo, id }) => repo === model.repo && id !== model.id)
  const there = await Promise.all(
    others.map(({ commit, checkpoint }) => stat(snapshotFile(places, commit, checkpoint)).catch(() => undefined)),
  )
  return others.filter((_, index) => there[index] !== undefined)
}

const allFiles = ({ files }: ZooModel): readonly ModelFile[] =>
  files.flatMap(file => [file, ...(file.otherwise ? [file.otherwise] : [])])

async function removeVariant(model: ZooModel, siblings: readonly ZooModel[], places: RepoPlaces): Promise<void> {
  const kept = new Set(siblings.flatMap(allFiles).map(({ path }) => path))
  const gone: string[] = []
  for (const { path, sha256 } of allFiles(model)) {
    if (kept.has(path)) continue
    const blob = await blobOf(places, model.commit, path)
    if (blob !== undefined) gone.push(blob)
    const file = snapshotFile(places, model.commit, path)
    // The name first: a link to what is gone would be worse than bytes without a name.
    await rm(file, { force: true })
    await forgetCopy(places, model.commit, path)
    await rmdir(dirname(file)).catch(() => {})
    if (sha256) await removePart(join(places.blobs, `${sha256}.part`))
  }
  const used = await usedBlobs(places)
  for (const blob of gone) {
    if (used.has(blob)) continue
    await rm(join(places.blobs, blob), { force: true })
    await forgetBlob(places, blob)
  }
}

/** Blobs that any snapshot has. */
async function usedBlobs(places: RepoPlaces): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  for (const commit of await readdir(places.snapshots).catch(() => [])) {
    for (const path of await snapshotFiles(places, commit)) {
      const blob = await blobOf(places, commit, path)
      if (blob !== undefined) used.add(blob)
    }
  }
  return used
}

/** Bytes of all files in a folder, links not followed; undefined where there is none. */
async function bytesIn(folder: string): Promise<number | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (!entries) return undefined
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
