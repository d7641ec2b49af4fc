import type { ByteSource } from '../bytes.js'
import { FileNotFoundError } from '../errors.js'
import type { Logger } from '../logger.js'
import { parsedJson } from '../parsed-json.js'
import type { TaskOptions } from '../progress.js'
import { blobBytes } from './blob-source.js'
import { parseChecksums } from './checksums.js'
import { request } from './download.js'
import { KeptFiles } from './kept-files.js'
import { requireSecureContext } from './secure-context.js'

export interface WebFolderOptions extends TaskOptions {
  /** Name of the Cache in which files are kept under their hashes; false: none. Default 'viscpm-models'. */
  readonly cache?: string | false
  readonly logger?: Logger
}

/** A model's files on a server, kept by the browser; as `ModelFolder` of '@viscpm/core/node'. */
export interface WebFolder {
  /** A file's address. */
  at(name: string): string
  has(name: string): boolean
  /** @throws FileNotFoundError, FileFormatError */
  bytes(name: string): Promise<Uint8Array>
  /** Downloads it if it is not kept. @throws FileNotFoundError, FileFormatError */
  open(name: string): Promise<ByteSource>
  /** @throws FileNotFoundError, FileFormatError, ConfigError also when `parse` refuses it */
  json<T>(name: string, parse: (json: unknown) => T): Promise<T>
  /** undefined when there is no such file. */
  jsonIfThere<T>(name: string, parse: (json: unknown) => T): Promise<T | undefined>
  /** What lies in a folder inside it. */
  folder(name: string): WebFolder
}

/**
 * The folder of a model at an address. Its SHA256SUMS names all files: they are checked against it, kept under their hashes, and
 * found again without a server.
 * @throws FileNotFoundError when no server answers and nothing is kept; FileFormatError when SHA256SUMS is none
 * @throws MissingDependencyError outside a secure context; the signal's reason
 */
export async function openWebFolder(base: string | URL, options: WebFolderOptions = {}): Promise<WebFolder> {
  requireSecureContext()
  const { cache = 'viscpm-models', signal, logger } = options
  signal?.throwIfAborted()
  const address = new URL(base, globalThis.location?.href).href
  const root = address.endsWith('/') ? address : `${address}/`
  const kept = await KeptFiles.open(cache === false ? undefined : cache, logger)
  const list = `${root}SHA256SUMS`
  const load = async () => (await request(list, { cache: 'no-cache', ...(signal && { signal }) })).text()
  const text = await kept.text(list, load)
  signal?.throwIfAborted()
  const sums = parseChecksums(text, list)
  return folderAt('', { root, sums, kept, options })
}

interface Place {
  readonly root: string
  readonly sums: ReadonlyMap<string, string>
  readonly kept: KeptFiles
  readonly options: TaskOptions
}

function folderAt(prefix: string, place: Place): WebFolder {
  const { root, sums, kept, options } = place
  const at = (name: string) => root + prefix + name
  const has = (name: string) => sums.has(prefix + name)
  const blob = (name: string) => {
    const hash = sums.get(prefix + name)
    if (hash === undefined)
      throw new FileNotFoundError({
        file: at(name),
        message: `no such file: ${root}SHA256SUMS does not name it`,
        hint: 'Copy all files of the model to the server, as they lie beside its weights.',
      })
    return kept.file(at(name), hash, options)
  }
  const bytes = async (name: string) => new Uint8Array(await (await blob(name)).arrayBuffer())
  const json = async <T>(name: string, parse: (json: unknown) => T) => parsedJson(parse, await bytes(name), at(name))
  return {
    at,
    has,
    bytes,
    open: async name => blobBytes(await blob(name), at(name)),
    json,
    jsonIfThere: async (name, parse) => (has(name) ? json(name, parse) : undefined),
    folder: name => folderAt(`${prefix}${name.replace(/\/$/, '')}/`, place),
  }
}
