import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileNotFoundError } from '../errors.js'
import { parsedJson } from '../parsed-json.js'

/** Reads the small files that lie beside a model's weights, with errors that name the file and the field. */
export interface ModelFolder {
  /** A file's path in the folder. */
  at(name: string): string
  /** @throws FileNotFoundError */
  bytes(name: string): Promise<Uint8Array>
  /** @throws FileNotFoundError, ConfigError also when `parse` refuses it */
  json<T>(name: string, parse: (json: unknown) => T): Promise<T>
  /** undefined when there is no such file. @throws FileNotFoundError when it cannot be read, ConfigError */
  jsonIfThere<T>(name: string, parse: (json: unknown) => T): Promise<T | undefined>
}

/**
 * A folder as transformers has it.
 * @param holds what should be in it, for messages.
 * @throws FileNotFoundError when it is not there, or not a folder.
 */
export async function openModelFolder(folder: string, holds: string): Promise<ModelFolder> {
  const info = await stat(folder).catch(() => undefined)
  if (!info?.isDirectory())
    throw new FileNotFoundError({
      file: folder,
      message: info ? 'a file, not a folder' : 'no such folder',
      hint: `Name the folder that holds ${holds}.`,
    })
  const at = (name: string) => join(folder, name)
  const bytes = async (name: string) => {
    const found = await existing(at(name))
    if (found) return found
    throw new FileNotFoundError({
      file: at(name),
      message: 'no such file',
      hint: 'Copy all files of the model, as they lie beside its weights.',
    })
  }
  return {
    at,
    bytes,
    json: async (name, parse) => parsedJson(parse, await bytes(name), at(name)),
    async jsonIfThere(name, parse) {
      const found = await existing(at(name))
      return found && parsedJson(parse, found, at(name))
    },
  }
}

async function existing(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new FileNotFoundError({ file, message: `cannot be read (${code})`, cause })
  }
}
