import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { ManifestFile } from '../../quantize/manifest.js'
import { writeFailed } from '../atomic.js'
import { syncFile } from './source.js'

/** Files that loading a model looks for beside its weights. */
const names = ['bee.txt', 'vocab.txt', 'config.json', 'generation_config.json', 'cpm-bee.json']
/** Folders that it looks for, which are copied whole. */
const folders = ['vocabs', 'vae', 'unet', 'scheduler', 'chinese-clip']

async function filesIn(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesIn(root, path)
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    }),
  )
  return found.flat()
}

/** What lies beside a checkpoint that loading needs, by path inside its folder. */
export async function filesBeside(folder: string): Promise<string[]> {
  const here = await Promise.all(
    names.map(async name => ((await stat(join(folder, name)).catch(() => undefined))?.isFile() ? [name] : [])),
  )
  const inside = await Promise.all(folders.map(name => filesIn(folder, name)))
  return [...here.flat(), ...inside.flat().sort()]
}

/** Bytes of files in a folder. */
export async function bytesOfFiles(folder: string, files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async file => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Copies files to another folder, as clones where the file system can. @throws WriteFailedError */
export async function copyBeside(from: string, to: string, files: readonly string[]): Promise<ManifestFile[]> {
  const copied: ManifestFile[] = []
  for (const file of files) {
    const target = join(to, file)
    try {
      await mkdir(dirname(target), { recursive: true })
      await copyFile(join(from, file), target, constants.COPYFILE_FICLONE)
    } catch (cause) {
      throw writeFailed(target, cause)
    }
    await syncFile(target)
    copied.push(await describeFile(to, file))
  }
  return copied
}

/** Size and SHA-256 of a file as it lies there. */
export async function describeFile(folder: string, file: string): Promise<ManifestFile> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(join(folder, file)) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { name: file.split(sep).join('/'), bytes, sha256: hash.digest('hex') }
}
