import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Peer } from '../peer.js'
import { output } from './shell.js'

const packageVersion = '3.22.1'
const ggufVersion = '0.19.0'
const side = fileURLToPath(new URL('./llama-side.js', import.meta.url))
const writer = fileURLToPath(new URL('../../gguf/write.py', import.meta.url))

/** llama.cpp as node-llama-cpp brings it, and the package that writes its files; both in a folder of their own. */
export interface LlamaPeer {
  start(): Peer
  /** Writes the same matrix sizes as a GGUF with random content. */
  writeModel(file: string, sizes: GgufSizes): Promise<void>
}

export interface GgufSizes {
  readonly layers: number
  readonly dim: number
  readonly ff: number
  readonly heads: number
  readonly vocab: number
}

/** Suffixes of `@node-llama-cpp`'s packages with binaries, without those for graphics cards. */
const binaries: Readonly<Record<string, string>> = {
  'linux x64': 'linux-x64',
  'linux arm64': 'linux-arm64',
  'darwin arm64': 'mac-arm64-metal',
  'darwin x64': 'mac-x64',
  'win32 x64': 'win-x64',
  'win32 arm64': 'win-arm64',
}

/** Installs what is not there yet. @returns why it cannot be, otherwise */
export async function llamaPeer(
  folder: string,
  python: string,
  log: (text: string) => void,
): Promise<LlamaPeer | { missing: string }> {
  const platform = `${process.platform} ${process.arch}`
  const binary = binaries[platform]
  if (!binary) return { missing: `node-llama-cpp brings no binary for ${platform}` }
  const npmFolder = join(folder, `node-llama-cpp-${packageVersion}`)
  const pythonFolder = join(folder, `gguf-${ggufVersion}`)
  const entry = join(npmFolder, 'node_modules/node-llama-cpp/dist/index.js')
  try {
    if (!existsSync(entry)) {
      log(`installing node-llama-cpp ${packageVersion} into ${folder}`)
      await mkdir(npmFolder, { recursive: true })
      await writeFile(join(npmFolder, 'package.json'), '{ "private": true }\n')
      const packages = [`node-llama-cpp@${packageVersion}`, `@node-llama-cpp/${binary}@${packageVersion}`]
      // Optional packages are left out: they are the binaries of all other platforms.
      const quiet = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
      await output('npm', ['install', '--prefix', npmFolder, ...quiet, ...packages])
    }
    if (!existsSync(join(pythonFolder, 'gguf'))) {
      log(`installing gguf ${ggufVersion} into ${folder}`)
      await output(python, ['-m', 'pip', 'install', '--quiet', '--target', pythonFolder, `gguf==${ggufVersion}`])
    }
  } catch (error) {
    return {
      missing: String((error as Error).message)
        .split('\n')
        .at(-1)!,
    }
  }
  return {
    start: () => new Peer(process.execPath, [side, entry, packageVersion]),
    async writeModel(file, { layers, dim, ff, heads, vocab }) {
      const sizes = [layers, dim, ff, heads, vocab].map(String)
      await output(python, ['-B', writer, file, ...sizes], { env: { PYTHONPATH: pythonFolder } })
    },
  }
}
