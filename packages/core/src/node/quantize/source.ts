import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { FileFormatError, SourceChangedError } from '../../errors.js'
import type { SourceFile } from '../../quantize/manifest.js'
import type { PlannedTensor } from '../../quantize/plan.js'
import type { WeightSource } from '../../weights/types.js'
import { writeFailed } from '../atomic.js'

/** A checkpoint's files, as they were when the conversion began. */
export interface SourceFiles {
  /** Real paths. */
  readonly paths: readonly string[]
  /** Size, time of the last change, and which file it is: of each. */
  readonly states: readonly string[]
  /** For the manifest: nothing of this machine. */
  readonly described: readonly SourceFile[]
  /** Number of the file that a tensor lies in, and where; undefined for one that is not in one piece. */
  place(key: string): { readonly file: number; readonly offset: number } | undefined
}

/** @throws FileFormatError when a tensor lies in no file of this machine */
export async function sourceFiles(source: WeightSource, tensors: readonly PlannedTensor[]): Promise<SourceFiles> {
  const paths: string[] = []
  for (const { key } of tensors) {
    const path = source.locate(key)?.source.path
    if (path !== undefined && !paths.includes(path)) paths.push(path)
  }
  if (paths.length === 0) throw new FileFormatError({ file: source.name, message: 'its tensors lie in no file' })
  const states: string[] = []
  const described: SourceFile[] = []
  for (const path of paths) {
    const { size, mtimeNs, ino, dev } = await stat(path, { bigint: true })
    states.push([basename(path), size, mtimeNs, ino, dev].join(' '))
    described.push({ name: basename(path), bytes: Number(size), modified: Number(mtimeNs / 1_000_000n) })
  }
  return {
    paths,
    states,
    described,
    place(key) {
      const location = source.locate(key)
      if (location?.source.path === undefined) return undefined
      return { file: paths.indexOf(location.source.path), offset: location.offset }
    },
  }
}

/** @throws SourceChangedError when a file is not what it was */
export async function checkUnchanged({ paths, states }: SourceFiles): Promise<void> {
  for (const [i, path] of paths.entries()) {
    const now = await stat(path, { bigint: true }).catch(() => undefined)
    const state = now && [basename(path), now.size, now.mtimeNs, now.ino, now.dev].join(' ')
    if (state !== states[i]) throw sourceChanged(path, 'it changed while it was converted')
  }
}

export function sourceChanged(file: string, message: string): SourceChangedError {
  const hint = 'Convert it anew once it is complete; what was written so far is discarded with --force.'
  return new SourceChangedError({ file, message, hint })
}

/** Makes what was written to a file last. A disk may be found full only now. @throws WriteFailedError */
export async function syncFile(path: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r+')
    await handle.sync()
  } catch (cause) {
    throw writeFailed(path, cause)
  } finally {
    await handle?.close()
  }
}
