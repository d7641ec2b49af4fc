import { createHash } from 'node:crypto'
import { readFile, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeFileAtomic } from '@viscpm/core/node'
import type { EvidenceKind } from './evidence.js'
import { makeFolder, type RepoPlaces, snapshotFile } from './layout.js'

/** What is known of a blob since it was downloaded. */
export interface BlobRecord {
  readonly size: number
  readonly sha256: string
  readonly evidence: EvidenceKind
  /** Hash that the hub had of a small file. */
  readonly gitSha1?: string
  /** Server that it came from. */
  readonly from: string
}

/** What a download of all files of a repository was of. */
export interface SnapshotRecord {
  readonly files: readonly string[]
  readonly license?: string
}

const blobFile = (places: RepoPlaces, blob: string): string => join(places.records, `${blob}.json`)
const snapshotRecord = (places: RepoPlaces, commit: string): string => join(places.records, `snapshot-${commit}.json`)

export async function writeRecord(places: RepoPlaces, blob: string, record: BlobRecord): Promise<void> {
  await write(places, blobFile(places, blob), record)
}

export async function readRecord(places: RepoPlaces, blob: string): Promise<BlobRecord | undefined> {
  const found = (await read(blobFile(places, blob))) as Partial<BlobRecord> | undefined
  return typeof found?.sha256 === 'string' && typeof found.size === 'number' ? (found as BlobRecord) : undefined
}

const copyRecord = (places: RepoPlaces, commit: string, path: string): string =>
  join(places.records, `copy-${createHash('sha256').update(`${commit}/${path}`).digest('hex').slice(0, 24)}.json`)

/** Notes which blob a file of a snapshot is a copy of: a link would say it itself. */
export async function noteCopy(places: RepoPlaces, commit: string, path: string, blob: string): Promise<void> {
  await write(places, copyRecord(places, commit, path), { blob })
}

/** Name of the blob that a file of a snapshot is; undefined where nothing says it. */
export async function blobOf(places: RepoPlaces, commit: string, path: string): Promise<string | undefined> {
  const real = await realpath(snapshotFile(places, commit, path)).catch(() => undefined)
  const blobs = await realpath(places.blobs).catch(() => places.blobs)
  if (real !== undefined && dirname(real) === blobs) return basename(real)
  const copy = (await read(copyRecord(places, commit, path))) as { blob?: unknown } | undefined
  return typeof copy?.blob === 'string' ? copy.blob : undefined
}

export async function forgetCopy(places: RepoPlaces, commit: string, path: string): Promise<void> {
  await rm(copyRecord(places, commit, path), { force: true })
}

export async function forgetBlob(places: RepoPlaces, blob: string): Promise<void> {
  await rm(blobFile(places, blob), { force: true })
}

export async function writeSnapshotRecord(places: RepoPlaces, commit: string, record: SnapshotRecord): Promise<void> {
  await write(places, snapshotRecord(places, commit), record)
}

export async function readSnapshotRecord(places: RepoPlaces, commit: string): Promise<SnapshotRecord | undefined> {
  const found = (await read(snapshotRecord(places, commit))) as Partial<SnapshotRecord> | undefined
  return Array.isArray(found?.files) ? (found as SnapshotRecord) : undefined
}

async function write(places: RepoPlaces, file: string, value: object): Promise<void> {
  await makeFolder(places.records)
  await writeFileAtomic(file, `${JSON.stringify(value)}\n`)
}

/** Broken ones count as none: they are made again. */
async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}
