import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { InvalidArgumentError } from '@viscpm/core'
import { syncFolder, writeFailed, writeFileAtomic } from '@viscpm/core/node'

/** A repository's folders in the Hugging Face cache. Source: huggingface_hub, "Understand caching". */
export interface RepoPlaces {
  readonly root: string
  readonly blobs: string
  readonly refs: string
  readonly snapshots: string
  readonly locks: string
  /** Ours: one small file per blob, saying what is known of it. Other tools pass over it. */
  readonly records: string
}

/** @throws InvalidArgumentError for what is no OWNER/NAME */
export function placesOf(cacheDir: string, repo: string): RepoPlaces {
  if (!/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(repo) || repo.includes('..'))
    throw new InvalidArgumentError({ argument: 'model', message: `${JSON.stringify(repo)} is no OWNER/NAME` })
  const name = `models--${repo.replace('/', '--')}`
  const root = join(resolve(cacheDir), name)
  return {
    root,
    blobs: join(root, 'blobs'),
    refs: join(root, 'refs'),
    snapshots: join(root, 'snapshots'),
    locks: join(resolve(cacheDir), '.locks', name),
    records: join(root, '.viscpm'),
  }
}

const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** A path of a repository's file; lists of files are what a server says. @throws InvalidArgumentError */
export function checkedPath(path: string): string {
  const parts = path.split('/')
  const odd = (part: string) => part === '' || part === '.' || part === '..' || device.test(part) || /[. ]$/.test(part)
  if (path.length < 1024 && !parts.some(odd) && ![...path].some(char => '\\:*?"<>|'.includes(char) || char < ' '))
    return path
  throw new InvalidArgumentError({ argument: 'file', message: `${JSON.stringify(path)} would leave the cache` })
}

/** @throws InvalidArgumentError for what is no commit's hash, branch or tag */
export function checkedRevision(revision: string): string {
  if (/^[A-Za-z0-9][\w./-]*$/.test(revision) && !revision.includes('..')) return revision
  throw new InvalidArgumentError({ argument: 'revision', message: `${JSON.stringify(revision)} is no revision` })
}

/** Makes a folder where there is none. @throws WriteFailedError */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(cause => {
    throw writeFailed(folder, cause)
  })
}

/** Where a snapshot's file is. */
export function snapshotFile(places: RepoPlaces, commit: string, path: string): string {
  return join(places.snapshots, checkedRevision(commit), ...checkedPath(path).split('/'))
}

export type MakeLink = (target: string, path: string) => Promise<void>

const cannotLink = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'UNKNOWN'])

/**
 * Gives a blob its name in a snapshot: a relative link, or a copy where links cannot be made.
 * @returns whether it is a link
 * @throws WriteFailedError
 */
export async function pointTo(blob: string, file: string, link: MakeLink = symlink): Promise<boolean> {
  let linked = true
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const target = relative(dirname(file), blob).split(sep).join('/')
    await link(target, temporary).catch((error: NodeJS.ErrnoException) => {
      if (!cannotLink.has(error.code ?? '')) throw error
      linked = false
      return copyFile(blob, temporary)
    })
    await rename(temporary, file)
    await syncFolder(dirname(file))
    return linked
  } catch (cause) {
    await rm(temporary, { force: true })
    throw writeFailed(file, cause)
  }
}

/** Commit that a branch or tag meant when it was last looked up. */
export async function readRef(places: RepoPlaces, revision: string): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision
  const text = await readFile(join(places.refs, ...checkedRevision(revision).split('/')), 'utf8').catch(() => '')
  return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : undefined
}

/** @throws WriteFailedError */
export async function writeRef(places: RepoPlaces, revision: string, commit: string): Promise<void> {
  if (revision === commit) return
  const file = join(places.refs, ...checkedRevision(revision).split('/'))
  await makeFolder(dirname(file))
  await writeFileAtomic(file, commit)
}

/** Paths of all files that a snapshot has. */
export async function snapshotFiles(places: RepoPlaces, commit: string): Promise<readonly string[]> {
  const root = join(places.snapshots, checkedRevision(commit))
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'))
    .sort()
}

/** Bytes of a file, links followed; undefined where there is none. */
export async function sizeAt(path: string): Promise<number | undefined> {
  const info = await stat(path).catch(() => undefined)
  return info?.isFile() ? info.size : undefined
}
