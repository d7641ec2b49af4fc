import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { tinyFolder } from '@viscpm/chat/node'
import { FileNotFoundError, InvalidArgumentError, isVisCPMError } from '@viscpm/core'
import { readManifest } from '@viscpm/core/node'
import type { ConversionManifest, SourceFile } from '@viscpm/core/quantize'

/** A converted folder, and what its manifest says. */
export interface Converted {
  readonly folder: string
  readonly name: string
  /** Absent in folders that `viscpm calibrate` made. */
  readonly manifest: ConversionManifest | undefined
}

/** @throws FileNotFoundError, FileFormatError; InvalidArgumentError for a folder without a manifest, its source not being given */
export async function findConverted(folder: string, source: string | undefined): Promise<Converted> {
  const info = await stat(folder).catch((cause: unknown) => {
    throw new FileNotFoundError({ file: folder, message: 'no such folder', cause })
  })
  if (!info.isDirectory())
    throw new FileNotFoundError({ file: folder, message: 'is no folder', hint: "Name what 'viscpm quantize' made." })
  try {
    return { folder, name: basename(resolve(folder)), manifest: await readManifest(folder) }
  } catch (error) {
    if (!isVisCPMError(error, 'FILE_NOT_FOUND')) throw error
    if (source !== undefined) return { folder, name: basename(resolve(folder)), manifest: undefined }
    throw new InvalidArgumentError({
      argument: 'source',
      message: `${folder} has no manifest.json that says what it was made of`,
      hint: 'Name the original with --source.',
      cause: error,
    })
  }
}

/**
 * Looks for what a folder was made of: manifests hold names and sizes, no paths. Beside the folder, in the folders beside it, where
 * the command runs, and in the embedded model.
 * @throws FileNotFoundError when it is nowhere
 */
export async function findSource({ folder, manifest }: Converted): Promise<string> {
  const files = manifest!.source.files
  const beside = dirname(resolve(folder))
  const inside = (await readdir(beside, { withFileTypes: true })).filter(entry => entry.isDirectory())
  const places = [beside, process.cwd(), ...inside.map(({ name }) => join(beside, name)), ...embedded()]
  for (const place of places)
    if (resolve(place) !== resolve(folder) && (await holds(place, files)))
      return files.length === 1 ? join(place, files[0]!.name) : place
  const names = files.map(({ name }) => name).join(', ')
  throw new FileNotFoundError({
    file: names,
    message: `what ${folder} was made of lies neither beside it nor here`,
    hint: 'Name it with --source.',
  })
}

/** Whether all files of a source lie in a folder, with their sizes. */
async function holds(folder: string, files: readonly SourceFile[]): Promise<boolean> {
  for (const { name, bytes } of files) {
    const info = await stat(join(folder, name)).catch(() => undefined)
    if (info?.size !== bytes) return false
  }
  return files.length > 0
}

/** Whether a source has not the files that a manifest notes. */
export async function differs(source: string, manifest: ConversionManifest | undefined): Promise<boolean> {
  if (!manifest) return false
  const info = await stat(source)
  return !(await holds(info.isDirectory() ? source : dirname(source), manifest.source.files))
}

function embedded(): string[] {
  try {
    const chat = tinyFolder()
    return [chat, join(dirname(chat), 'paint')]
  } catch {
    return []
  }
}
