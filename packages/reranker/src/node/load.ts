import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, FileNotFoundError, isVisCPMError, type SessionOptions } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { ChineseCLIP } from '../chinese-clip.js'
import { parseChineseCLIPConfig } from '../config.js'
import { parsePreprocessorConfig } from '../preprocessing.js'
import { BertTokenizer } from '../tokenizer.js'
import { bertTokenizerDefaults, parseTokenizerConfig } from '../tokenizer-config.js'

export interface LoadChineseCLIPOptions extends SessionOptions {
  /** File of the weights. Default: the folder's model.safetensors, its sharded index, or pytorch_model.bin. */
  readonly weights?: string
  /** How it calls itself. Default 'chinese-clip'. */
  readonly name?: string
}

/**
 * Loads a Chinese-CLIP from a folder as transformers has it: `config.json`, `preprocessor_config.json`, `vocab.txt`, the
 * weights, and `tokenizer_config.json` if it is there.
 * @throws FileNotFoundError, FileFormatError, UnsafePickleError, MissingDependencyError, and what `ChineseCLIP.load`
 * throws
 */
export async function loadChineseCLIP(folder: string, options: LoadChineseCLIPOptions = {}): Promise<ChineseCLIP> {
  const { weights: file, ...rest } = options
  rest.signal?.throwIfAborted()
  await checkFolder(folder)
  const at = (name: string) => join(folder, name)
  const config = read(parseChineseCLIPConfig, await needed(at('config.json')), at('config.json'))
  const preprocessorFile = at('preprocessor_config.json')
  const preprocessing = read(parsePreprocessorConfig, await needed(preprocessorFile), preprocessorFile)
  const tokenizerJson = await existing(at('tokenizer_config.json'))
  const tokenizer = BertTokenizer.fromVocabulary(
    await needed(at('vocab.txt')),
    tokenizerJson ? read(parseTokenizerConfig, tokenizerJson, at('tokenizer_config.json')) : bertTokenizerDefaults,
    at('vocab.txt'),
  )
  const weights = await openCheckpoint(file ?? folder)
  try {
    return await ChineseCLIP.load({ ...rest, weights, config, preprocessing, tokenizer, backend: onnxruntimeNode() })
  } finally {
    // The sessions have mapped or copied what they need.
    await weights.close()
  }
}

async function checkFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => undefined)
  if (info?.isDirectory()) return
  throw new FileNotFoundError({
    file: folder,
    message: info ? 'a file, not a folder' : 'no such folder',
    hint: 'Name the folder that holds config.json, preprocessor_config.json, vocab.txt and the weights.',
  })
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

async function needed(file: string): Promise<Uint8Array> {
  const bytes = await existing(file)
  if (bytes) return bytes
  throw new FileNotFoundError({
    file,
    message: 'no such file',
    hint: 'Copy all files of the model, as they lie beside its weights.',
  })
}

/** Parses a JSON file; errors about a field say which file it stands in. @throws ConfigError */
function read<T>(parse: (json: unknown) => T, bytes: Uint8Array, file: string): T {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ConfigError({ field: file, message: `is not JSON: ${(cause as Error).message}`, cause })
  }
  try {
    return parse(json)
  } catch (error) {
    if (!isVisCPMError(error, 'CONFIG')) throw error
    const { field, message, hint } = error as ConfigError
    const what = message.slice(field.length + 2)
    throw new ConfigError({ field, message: `${what} (in ${file})`, cause: error, ...(hint && { hint }) })
  }
}
