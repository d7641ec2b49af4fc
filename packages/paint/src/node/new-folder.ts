import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { WriteFailedError } from '@viscpm/core'

/** A folder under a temporary name, until it is complete. */
export interface NewFolder {
  readonly path: string
  /** Gives it its name. @throws WriteFailedError */
  commit(): Promise<void>
  /** Drops it with everything in it. Never throws. */
  abort(): Promise<void>
}

/** @throws WriteFailedError when something is at `path` that is not an empty folder, or it cannot be made */
export async function newFolder(path: string): Promise<NewFolder> {
  const target = resolve(path)
  const there = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new WriteFailedError({ file: path, message: error.code === 'ENOTDIR' ? 'it is a file' : error.message })
  })
  if (there?.length)
    throw new WriteFailedError({ file: path, message: 'the folder is not empty', hint: 'Name a new folder.' })
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  await mkdir(temporary).catch(cause => {
    throw new WriteFailedError({ file: path, message: 'the folder cannot be made', cause })
  })
  return {
    path: temporary,
    async commit() {
      try {
        if (there) await rmdir(target)
        await rename(temporary, target)
      } catch (cause) {
        throw new WriteFailedError({ file: path, message: (cause as Error).message, cause })
      }
    },
    abort: () => rm(temporary, { recursive: true, force: true }).catch(() => {}),
  }
}
