import { randomBytes } from 'node:crypto'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DisposedError, WriteFailedError } from '../errors.js'
import type { ByteSink } from '../weights/sink.js'

/**
 * A sink that becomes the file `path` at once, when committed: it is written under a temporary name in the same
 * folder, flushed to the disk and renamed. A failure or abort leaves nothing, and an older file as it was. A link is
 * followed, so that it stays a link; a file that is replaced keeps its permissions.
 * @throws WriteFailedError when the folder does not exist or cannot be written, or `path` is a folder.
 */
export async function openAtomicSink(path: string): Promise<ByteSink> {
  const given = resolve(path)
  const target = await realpath(given).catch(() => given)
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  let handle: FileHandle
  try {
    const older = await stat(target).catch(() => undefined)
    if (older?.isDirectory()) throw new Error('it is a folder')
    handle = await open(temporary, 'wx', older ? older.mode & 0o777 : 0o666)
  } catch (cause) {
    throw writeFailed(path, cause)
  }

  let state: 'open' | 'closed' = 'open'
  async function abort(): Promise<void> {
    if (state === 'closed') return
    state = 'closed'
    await handle.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
  }
  async function guarded(step: () => Promise<void>): Promise<void> {
    if (state === 'closed') throw new DisposedError({ message: `${path}: the sink has ended` })
    try {
      await step()
    } catch (cause) {
      await abort()
      throw writeFailed(path, cause)
    }
  }

  return {
    name: path,
    write: bytes =>
      guarded(async () => {
        // A nearly full disk takes a part of a write without an error.
        for (let at = 0; at < bytes.byteLength; ) {
          const { bytesWritten } = await handle.write(bytes, at, Math.min(bytes.byteLength - at, 2 ** 30))
          if (bytesWritten === 0) throw new Error('the disk takes no more')
          at += bytesWritten
        }
      }),
    commit: () =>
      guarded(async () => {
        await handle.sync()
        await handle.close()
        await rename(temporary, target)
        state = 'closed'
        await syncFolder(dirname(target))
      }),
    abort,
  }
}

/**
 * Writes a whole file at once or not at all; see `openAtomicSink`.
 * @throws WriteFailedError
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const sink = await openAtomicSink(path)
  await sink.write(typeof data === 'string' ? new TextEncoder().encode(data) : data)
  await sink.commit()
}

/** Makes the rename itself last. Some systems cannot open folders; the file is whole in any case. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close().catch(() => {})
}

/** What a failed write is told as. */
export function writeFailed(file: string, cause: unknown): WriteFailedError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  const known: Record<string, [message: string, hint: string]> = {
    ENOSPC: ['the disk is full', 'Free some space, or write elsewhere.'],
    EDQUOT: ['the disk quota is used up', 'Free some space, or write elsewhere.'],
    EFBIG: ['the file system takes no file that large', 'Write to another disk.'],
    ENOENT: ['its folder does not exist', 'Create the folder first.'],
    ENOTDIR: ['its folder is a file', 'Choose another path.'],
    EACCES: ['no permission to write there', 'Choose another folder or change its permissions.'],
    EPERM: ['no permission to write there', 'Choose another folder or change its permissions.'],
    EROFS: ['the file system is read-only', 'Choose another folder.'],
  }
  const [message, hint] = known[code] ?? [cause instanceof Error ? cause.message : String(cause), undefined]
  return new WriteFailedError({ file, message, cause, ...(hint ? { hint } : {}) })
}
