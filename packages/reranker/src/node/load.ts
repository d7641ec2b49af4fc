import type { SessionOptions } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint, openModelFolder } from '@viscpm/core/node'
import { onCpuUnlessSaid } from '@viscpm/core/session'
import { BertTokenizer } from '@viscpm/core/transformers'
import { ChineseCLIP } from '../chinese-clip.js'
import { parseChineseCLIPConfig } from '../config.js'
import { parsePreprocessorConfig } from '../preprocessing.js'

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
  const { weights: file, ...rest } = onCpuUnlessSaid(options)
  rest.signal?.throwIfAborted()
  const files = await openModelFolder(folder, 'config.json, preprocessor_config.json, vocab.txt and the weights')
  const config = await files.json('config.json', parseChineseCLIPConfig)
  const preprocessing = await files.json('preprocessor_config.json', parsePreprocessorConfig)
  const tokenizer = await BertTokenizer.fromFolder(files)
  const weights = await openCheckpoint(file ?? folder)
  try {
    return await ChineseCLIP.load({ ...rest, weights, config, preprocessing, tokenizer, backend: onnxruntimeNode() })
  } finally {
    // The sessions have mapped or copied what they need.
    await weights.close()
  }
}
