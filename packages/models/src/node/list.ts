import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelFile, ZooModel } from '../types.js'
import { sizeOf, zoo as wholeZoo } from '../zoo/index.js'
import type { FindOptions } from './downloaded.js'
import { placesOf, type RepoPlaces, sizeAt, snapshotFile } from './layout.js'
import { readSnapshotRecord } from './records.js'
import { settingsOf } from './settings.js'

/** A model of the zoo, or a repository that is in the cache. */
export interface ListedModel {
  readonly id: string
  readonly model: ZooModel | undefined
  /** 'unknown': another tool fetched it, and what belongs to it is not noted. */
  readonly state: 'complete' | 'partial' | 'absent' | 'unknown'
  /** What is on the disk of it, in bytes. */
  readonly bytes: number
  /** What all of it takes, perhaps rounded; 0 where that is not known. */
  readonly size: number
  /** Folder of its files, where there are any. */
  readonly folder: string | undefined
}

/** What there is: all of the zoo, and what else lies in the cache. Nothing is asked of anybody. */
export async function listModels(options: FindOptions = {}): Promise<readonly ListedModel[]> {
  const { cacheDir } = settingsOf(options)
  const zoo = options.zoo ?? wholeZoo
  const known = await Promise.all(zoo.map(model => zooState(model, placesOf(cacheDir, model.repo))))
  const repos = new Set(zoo.map(({ repo }) => repo))
  const names = await readdir(cacheDir).catch(() => [])
  const others = names.flatMap(name => /^models--([^-].*?)--(.+)$/.exec(name)?.slice(1, 3).join('/') ?? [])
  const found = await Promise.all(
    others
      .filter(repo => /^[\w.-]+\/[\w.-]+$/.test(repo) && !repo.includes('..') && !repos.has(repo))
      .map(repo => repoState(repo, placesOf(cacheDir, repo))),
  )
  return [...known, ...found.filter(one => one !== undefined).sort((a, b) => a.id.localeCompare(b.id))]
}

async function zooState(model: ZooModel, places: RepoPlaces): Promise<ListedModel> {
  const bytesOf = async ({ path, otherwise }: ModelFile): Promise<number | undefined> =>
    (await sizeAt(snapshotFile(places, model.commit, path))) ?? (otherwise && bytesOf(otherwise))
  const sizes = await Promise.all(model.files.map(bytesOf))
  const there = sizes.filter(size => size !== undefined)
  const own = await Promise.all(model.files.map(({ sha256 }) => sha256 && sizeAt(join(places.blobs, `${sha256}.part`))))
  const begun = own.reduce((sum: number, size) => sum + (size || 0), 0)
  const checkpoint = sizes[model.files.findIndex(({ path }) => path === model.checkpoint)]
  // Files that variants share make none of them partly there.
  const some = checkpoint !== undefined || begun > 0
  const state = there.length === sizes.length ? 'complete' : some ? 'partial' : 'absent'
  const bytes = state === 'absent' ? 0 : there.reduce((sum, size) => sum + size, 0) + begun
  const folder = state === 'absent' ? undefined : join(places.snapshots, model.commit)
  return { id: model.id, model, state, bytes, size: sizeOf(model), folder }
}

async function repoState(repo: string, places: RepoPlaces): Promise<ListedModel | undefined> {
  const commits: string[] = await readdir(places.snapshots).catch(() => [])
  const main = (await readFile(join(places.refs, 'main'), 'utf8').catch(() => '')).trim()
  const commit = commits.includes(main) ? main : commits.at(-1)
  const blobs: string[] = await readdir(places.blobs).catch(() => [])
  if (commit === undefined && blobs.length === 0) return undefined
  const sizes = await Promise.all(blobs.map(name => sizeAt(join(places.blobs, name))))
  const bytes = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
  const record = commit === undefined ? undefined : await readSnapshotRecord(places, commit)
  const there = await Promise.all((record?.files ?? []).map(path => sizeAt(snapshotFile(places, commit!, path))))
  const complete = record && there.every(size => size !== undefined)
  const state = complete ? 'complete' : record || commit === undefined ? 'partial' : 'unknown'
  const folder = commit === undefined ? undefined : join(places.snapshots, commit)
  return { id: repo, model: undefined, state, bytes, size: complete ? bytes : 0, folder }
}
