import { access, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, FileNotFoundError, MissingDependencyError, VocabularyError } from '@viscpm/core'
import { standingModel } from '@viscpm/core/node'

/** Files of a model, found but not opened. */
export interface ModelFiles {
  /** Checkpoint file, or a folder that holds one. */
  readonly weights: string
  readonly vocabulary: string
  /** Absent for the published sizes. */
  readonly config: string | undefined
  readonly generation: string | undefined
}

const vocabularyNames = ['bee.txt', 'vocab.txt', join('vocabs', 'bee.txt')]

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Folder of the embedded model's files. @throws MissingDependencyError when @viscpm/tiny is not installed */
export function tinyFolder(): string {
  const bases = [import.meta.url, pathToFileURL(join(process.cwd(), 'index.js')).href]
  if (process.argv[1]) bases.push(pathToFileURL(process.argv[1]).href)
  for (const base of bases)
    try {
      return join(dirname(createRequire(base).resolve('@viscpm/tiny/package.json')), 'model')
    } catch {
      // not reachable from here: try the next place
    }
  throw new MissingDependencyError({
    dependency: '@viscpm/tiny',
    message: 'the embedded model is not installed',
    hint: 'npm install @viscpm/tiny',
  })
}

/**
 * Finds what belongs to a model: `where` is 'tiny', a folder, or a checkpoint file.
 * @throws FileNotFoundError, VocabularyError naming what is missing and where it was looked for
 */
export async function findModel(
  where: string,
  given: { vocabulary?: string; config?: string } = {},
): Promise<ModelFiles> {
  const weights = where === 'tiny' ? tinyFolder() : await standingModel(resolve(where))
  const info = await stat(weights).catch(cause => {
    const hint =
      where.includes('/') || where.includes('.') ? 'Check the path.' : "Known names: 'tiny'. Anything else is a path."
    throw new FileNotFoundError({ file: where, message: 'no such model file or folder', hint, cause })
  })
  const folder = info.isDirectory() ? weights : dirname(weights)
  return {
    weights,
    vocabulary: await findVocabulary(folder, given.vocabulary),
    config: await findConfig(folder, given.config),
    generation: await firstExisting(folder, ['generation_config.json']),
  }
}

async function firstExisting(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await exists(join(folder, name))) return join(folder, name)
  return undefined
}

async function findVocabulary(folder: string, given: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (await exists(given)) return resolve(given)
    throw new FileNotFoundError({ file: given, message: 'no such vocabulary file' })
  }
  const found = await firstExisting(folder, vocabularyNames)
  if (found) return found
  throw new VocabularyError({
    message: `no vocabulary file (${vocabularyNames.join(', ')}) in ${folder}`,
    hint: "Give it with --vocab FILE (option 'vocabulary'): the original's is VisCPM/cpm_tokenizers/vocabs/bee.txt.",
  })
}

async function findConfig(folder: string, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) {
    if (await exists(given)) return resolve(given)
    throw new FileNotFoundError({ file: given, message: 'no such configuration file' })
  }
  const beside = await firstExisting(folder, ['config.json'])
  if (!beside) return undefined
  // Published folders carry configurations of other tools: only one with our fields describes sizes.
  const json = await readJson(beside)
  return json !== null && typeof json === 'object' && 'cpm_bee' in json ? beside : undefined
}

/** Reads a JSON file. @throws ConfigError when it is not JSON */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError({ field: path, message: `is not JSON: ${(cause as Error).message}`, cause })
  }
}
