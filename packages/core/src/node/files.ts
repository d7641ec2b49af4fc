import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ByteSource } from '../bytes.js'
import { DisposedError, FileFormatError, FileNotFoundError } from '../errors.js'
import { openWeights } from '../weights/open.js'
import type { WeightSource } from '../weights/types.js'

// One read() of the system takes at most 2 GiB.
const maxRead = 2 ** 30
const checkpointName = /\.(pt|pth|bin|safetensors)$/i

/**
 * Opens a file for reading at any offset. `path` of the result is the real path, with links resolved.
 * @throws FileNotFoundError when it does not exist or cannot be opened.
 * @throws FileFormatError when it is a folder or a device; and from `read`, when the file became shorter meanwhile.
 */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await openRegular(path)
  let real: string
  let size: number
  try {
    real = await realpath(path)
    size = (await handle.stat()).size
  } catch (cause) {
    await handle.close()
    throw await notFound(path, cause)
  }
  let closed = false
  return {
    name: path,
    size,
    path: real,
    async read(offset, length) {
      if (closed) throw new DisposedError({ message: `${path}: read after it was closed` })
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw new FileFormatError({ file: path, message: `range ${offset}+${length} is outside its ${size} bytes` })
      const bytes = allocateBytes(path, length)
      for (let at = 0; at < length; ) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, maxRead), offset + at)
        if (bytesRead === 0)
          throw new FileFormatError({
            file: path,
            offset: offset + at,
            message: `the file became shorter than the ${size} bytes it had when it was opened`,
            hint: 'Do not replace a checkpoint in place while it is in use.',
          })
        at += bytesRead
      }
      return bytes
    },
    async close() {
      if (closed) return
      closed = true
      await handle.close()
    },
  }
}

/**
 * Opens a checkpoint: a file of any kind that `openWeights` knows, or a folder that holds one. In a folder:
 * `model.safetensors`, `model.safetensors.index.json`, `pytorch_model.bin` in this order, else its only
 * `.pt`, `.pth`, `.bin` or `.safetensors` file.
 * @throws FileNotFoundError, FileFormatError (also when a folder holds several candidates), UnsafePickleError
 */
export async function openCheckpoint(path: string): Promise<WeightSource> {
  const info = await stat(path).catch(async (cause: unknown) => {
    throw await notFound(path, cause)
  })
  const file = info.isDirectory() ? await checkpointIn(path) : path
  const source = await openFile(file)
  try {
    // Shards lie beside the index as it was named, not beside what a link points to.
    return await openWeights(source, { resolve: shard => openFile(join(dirname(file), shard)) })
  } catch (error) {
    await source.close()
    throw error
  }
}

async function checkpointIn(folder: string): Promise<string> {
  const names = await readdir(folder)
  for (const usual of ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'])
    if (names.includes(usual)) return join(folder, usual)
  const found = names.filter(name => checkpointName.test(name)).sort()
  if (found.length === 1) return join(folder, found[0]!)
  if (found.length === 0)
    throw new FileNotFoundError({
      file: folder,
      message: 'no checkpoint in this folder',
      hint: 'Looked for model.safetensors, model.safetensors.index.json, pytorch_model.bin, *.pt, *.pth, *.bin, *.safetensors.',
    })
  throw new FileFormatError({
    file: folder,
    message: `several files could be the checkpoint: ${listed(found)}`,
    hint: 'Name the file instead of its folder.',
  })
}

async function openRegular(path: string): Promise<FileHandle> {
  try {
    // Asked first: opening a pipe would wait for its other end.
    const info = await stat(path)
    if (info.isFile()) return await open(path, 'r')
    throw new FileFormatError({
      file: path,
      message: info.isDirectory() ? 'a folder, not a file' : 'not a regular file',
      ...(info.isDirectory() ? { hint: 'Name a file in it.' } : {}),
    })
  } catch (cause) {
    throw cause instanceof FileFormatError ? cause : await notFound(path, cause)
  }
}

async function notFound(path: string, cause: unknown): Promise<FileNotFoundError> {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM')
    return new FileNotFoundError({ file: path, message: 'no permission to read it', cause })
  if (code !== 'ENOENT' && code !== 'ENOTDIR')
    return new FileNotFoundError({ file: path, message: `cannot be opened (${code ?? String(cause)})`, cause })
  const folder = dirname(path)
  const beside = await readdir(folder).catch(() => undefined)
  const candidates = beside?.filter(name => checkpointName.test(name) && name !== basename(path)).sort() ?? []
  const hint = !beside
    ? `The folder ${folder} does not exist either.`
    : candidates.length
      ? `In ${folder} there is ${listed(candidates)}.`
      : 'Check the path.'
  return new FileNotFoundError({ file: path, message: 'no such file or folder', cause, hint })
}

function allocateBytes(file: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new FileFormatError({ file, message: `${length} bytes in one piece are more than memory takes`, cause })
  }
}

function listed(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, ... (${names.length} in all)` : names.join(', ')
}
