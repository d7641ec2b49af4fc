import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { FileNotFoundError, type TaskOptions } from '@viscpm/core'
import type { ModelFile, ZooModel } from '../types.js'
import type { FindOptions } from './downloaded.js'
import { contradiction, type Evidence, type EvidenceKind, hasHash } from './evidence.js'
import { placesOf, type RepoPlaces, readRef, sizeAt, snapshotFile, snapshotFiles } from './layout.js'
import { type NamedModel, namedModel } from './names.js'
import { blobOf, readRecord, readSnapshotRecord } from './records.js'
import { settingsOf } from './settings.js'

export interface VerifiedFile {
  readonly path: string
  readonly state: 'good' | 'missing' | 'changed'
  /** Who says what it should be; 'none' where nobody does, and only its being there was looked at. */
  readonly evidence: EvidenceKind | 'none'
  /** What differs. */
  readonly problem?: string
  readonly size: number
  /** Of the bytes that are there. */
  readonly sha256?: string
}

export interface VerifiedModel {
  readonly id: string
  readonly repo: string
  readonly commit: string
  readonly folder: string
  readonly files: readonly VerifiedFile[]
}

export interface VerifyOptions extends FindOptions, TaskOptions {}

/**
 * Reads every file of a downloaded model and compares its hash with what is known of it. Nothing is asked of anybody.
 * @throws FileNotFoundError when nothing of it is in the cache, InvalidArgumentError; the signal's reason when aborted
 */
export async function verifyDownloaded(name: string, options: VerifyOptions = {}): Promise<VerifiedModel> {
  const named = namedModel(name, options.zoo)
  const places = placesOf(settingsOf(options).cacheDir, named.repo)
  const commit = await readRef(places, named.revision)
  const wanted = commit === undefined ? undefined : await filesOf(named, places, commit)
  if (commit === undefined || !wanted)
    throw new FileNotFoundError({
      file: named.id,
      message: 'it is not in the cache',
      hint: `viscpm download ${named.id}`,
    })
  const sizes = await Promise.all(wanted.map(({ path }) => sizeAt(snapshotFile(places, commit, path))))
  const total = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
  const files: VerifiedFile[] = []
  let before = 0
  for (const [index, { path, published }] of wanted.entries()) {
    const size = sizes[index]
    const onBytes = (done: number) =>
      options.onProgress?.({ phase: 'check', done: before + done, total, unit: 'bytes' })
    files.push(
      size === undefined
        ? { path, state: 'missing', evidence: published?.kind ?? 'none', size: 0 }
        : await verifyFile(places, commit, { path, size, published }, onBytes, options.signal),
    )
    before += size ?? 0
  }
  return { id: named.id, repo: named.repo, commit, folder: join(places.snapshots, commit), files }
}

interface Wanted {
  readonly path: string
  readonly published: Evidence | undefined
}

/** Its files, and what the zoo says of them. undefined where nothing of the model is there. */
async function filesOf(
  { model }: NamedModel,
  places: RepoPlaces,
  commit: string,
): Promise<readonly Wanted[] | undefined> {
  if (!model) {
    const record = await readSnapshotRecord(places, commit)
    const files = record?.files ?? (await snapshotFiles(places, commit))
    return files.length ? files.map(path => ({ path, published: undefined })) : undefined
  }
  const at = (path: string) => sizeAt(snapshotFile(places, commit, path))
  const found: Wanted[] = []
  let any = false
  for (const file of model.files) {
    const one =
      file.otherwise && (await at(file.path)) === undefined && (await at(file.otherwise.path)) ? file.otherwise : file
    any ||= (await at(one.path)) !== undefined
    found.push({ path: one.path, published: publishedOf(one, model, commit) })
  }
  return any ? found : undefined
}

function publishedOf({ sha256, size, exact }: ModelFile, model: ZooModel, commit: string): Evidence | undefined {
  if (commit !== model.commit || !sha256) return undefined
  return { kind: 'published', sha256, ...(exact && { size }) }
}

async function verifyFile(
  places: RepoPlaces,
  commit: string,
  { path, size, published }: Wanted & { readonly size: number },
  onBytes: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<VerifiedFile> {
  const file = snapshotFile(places, commit, path)
  const sha256 = await hashOf(file, onBytes, signal)
  const evidence = published ?? (await recorded(places, commit, path))
  if (!evidence || !hasHash(evidence)) return { path, state: 'good', evidence: 'none', size, sha256 }
  const problem = await contradiction(evidence, { file, size, sha256 })
  const about = { path, evidence: evidence.kind, size, sha256 }
  return problem === undefined ? { ...about, state: 'good' } : { ...about, state: 'changed', problem }
}

/** What was noted at the download; else what the name says that another tool has given the bytes. */
async function recorded(places: RepoPlaces, commit: string, path: string): Promise<Evidence | undefined> {
  const blob = await blobOf(places, commit, path)
  if (blob === undefined) return undefined
  const record = await readRecord(places, blob)
  if (record) return { kind: record.evidence, size: record.size, sha256: record.sha256 }
  if (/^[0-9a-f]{64}$/.test(blob)) return { kind: 'hub', sha256: blob }
  return /^[0-9a-f]{40}$/.test(blob) ? { kind: 'hub', gitSha1: blob } : undefined
}

async function hashOf(file: string, onBytes: (done: number) => void, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    signal?.throwIfAborted()
    hash.update(chunk as Buffer)
    done += (chunk as Buffer).length
    onBytes(done)
  }
  return hash.digest('hex')
}
