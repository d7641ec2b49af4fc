import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isLock, type Lock, syncFolder, tryLock, writeFailed } from '@viscpm/core/node'
import type { Evidence } from './evidence.js'
import { type MakeLink, makeFolder, pointTo, type RepoPlaces, sizeAt, snapshotFile } from './layout.js'
import { forgetPart, PartFile } from './part-file.js'
import { sleep } from './pause.js'
import type { PlannedFile } from './plan.js'
import { noteCopy, writeRecord } from './records.js'
import { type TransferOptions, transfer } from './transfer.js'

export type FileStep = 'wait' | 'check' | 'download'

export interface DownloadFileOptions extends Omit<TransferOptions, 'onBytes'> {
  /** How links are made; for systems that have none, a copy takes their place. */
  readonly link?: MakeLink
  readonly onStep?: (step: FileStep, done: number, total: number | undefined) => void
}

/** How the hub, and the cache, name a file's bytes. */
const blobName = ({ sha256, gitSha1 }: Evidence): string | undefined => sha256 ?? gitSha1

/** Name of a file's bytes while nobody knows a hash of them. */
function workName(commit: string, { path, evidence }: PlannedFile): string {
  const known = evidence && blobName(evidence)
  return known ?? `unnamed-${createHash('sha256').update(`${commit}/${path}`).digest('hex').slice(0, 24)}`
}

export const partFile = (places: RepoPlaces, commit: string, file: PlannedFile): string =>
  join(places.blobs, `${workName(commit, file)}.part`)

/** Whether the file is in its snapshot, of the size that it should have. */
export async function isPresent(places: RepoPlaces, commit: string, { path, evidence }: PlannedFile): Promise<boolean> {
  const size = await sizeAt(snapshotFile(places, commit, path))
  return size !== undefined && (evidence?.size === undefined || evidence.size === size)
}

/**
 * Puts a file into its snapshot. Of several processes one fetches it, the others wait and find it.
 * @returns path in the snapshot
 * @throws DownloadError, WriteFailedError, OfflineError; the signal's reason
 */
export async function downloadFile(
  places: RepoPlaces,
  commit: string,
  file: PlannedFile,
  options: DownloadFileOptions,
): Promise<string> {
  const pointer = snapshotFile(places, commit, file.path)
  await makeFolder(places.blobs)
  await makeFolder(places.locks)
  for (;;) {
    if (await isPresent(places, commit, file)) return pointer
    const lock = await waitFor(join(places.locks, `${workName(commit, file)}.viscpm.lock`), options)
    try {
      if (await isPresent(places, commit, file)) return pointer
      if (await linkExisting(places, commit, file, options.link)) return pointer
      if (await fetchInto(places, commit, file, lock, options)) return pointer
    } finally {
      await lock.release()
    }
  }
}

/** Name of the blob that has the bytes already, of another commit or another tool; undefined where there is none. */
export async function existingBlob(places: RepoPlaces, { evidence }: PlannedFile): Promise<string | undefined> {
  const name = evidence && blobName(evidence)
  if (name === undefined || evidence?.size === undefined) return undefined
  return (await sizeAt(join(places.blobs, name))) === evidence.size ? name : undefined
}

async function linkExisting(
  places: RepoPlaces,
  commit: string,
  file: PlannedFile,
  link: MakeLink | undefined,
): Promise<boolean> {
  const name = await existingBlob(places, file)
  if (name === undefined) return false
  await nameBlob(places, commit, file.path, name, link)
  return true
}

async function nameBlob(
  places: RepoPlaces,
  commit: string,
  path: string,
  blob: string,
  link: MakeLink | undefined,
): Promise<void> {
  const linked = await pointTo(join(places.blobs, blob), snapshotFile(places, commit, path), link)
  if (!linked) await noteCopy(places, commit, path, blob)
}

/** @returns false when the lock was lost meanwhile: then another has it, and what was fetched is left to it */
async function fetchInto(
  places: RepoPlaces,
  commit: string,
  file: PlannedFile,
  lock: Lock,
  { onStep, link, ...options }: DownloadFileOptions,
): Promise<boolean> {
  const path = partFile(places, commit, file)
  const part = await PartFile.open(path, options.signal, done => onStep?.('check', done, file.size))
  let fetched: Awaited<ReturnType<typeof transfer>>
  try {
    fetched = await transfer(part, file.path, file.urls, file.evidence, {
      ...options,
      onBytes: (done, total) => onStep?.('download', done, total),
    })
    await part.sync()
  } finally {
    await part.close()
  }
  if (!(await lock.held())) return false
  const { evidence, sha256, size, url } = fetched
  const name = blobName(evidence) ?? sha256
  const blob = join(places.blobs, name)
  try {
    await rename(path, blob)
    await syncFolder(places.blobs)
  } catch (cause) {
    throw writeFailed(blob, cause)
  }
  await forgetPart(path)
  const { kind, gitSha1 } = evidence
  await writeRecord(places, name, {
    ...{ size, sha256, evidence: kind, from: new URL(url).origin },
    ...(gitSha1 !== undefined && { gitSha1 }),
  })
  await nameBlob(places, commit, file.path, name, link)
  return true
}

async function waitFor(file: string, { signal, onStep }: DownloadFileOptions): Promise<Lock> {
  for (;;) {
    signal?.throwIfAborted()
    const taken = await tryLock(file)
    if (isLock(taken)) return taken
    onStep?.('wait', 0, undefined)
    await sleep(150 + Math.random() * 200, signal)
  }
}
