import type { Backend, SessionOptions } from '@viscpm/core'
import { onCpuUnlessSaid } from '@viscpm/core/session'
import { BertTokenizer } from '@viscpm/core/transformers'
import type { WebFolder } from '@viscpm/core/web'
import { openWeights } from '@viscpm/core/weights'
import { ChineseCLIP } from '../chinese-clip.js'
import { parseChineseCLIPConfig } from '../config.js'
import { parsePreprocessorConfig } from '../preprocessing.js'

export interface LoadChineseCLIPOptions extends SessionOptions {
  readonly backend: Backend
  /** How it calls itself. Default 'chinese-clip'. */
  readonly name?: string
}

/**
 * Loads a Chinese-CLIP from a folder of a server, as transformers has it: `config.json`, `preprocessor_config.json`, `vocab.txt`,
 * `model.safetensors`, and `tokenizer_config.json` if it is there.
 * @throws FileNotFoundError, FileFormatError, and what `ChineseCLIP.load` throws
 */
export async function loadChineseCLIP(files: WebFolder, options: LoadChineseCLIPOptions): Promise<ChineseCLIP> {
  const parts = onCpuUnlessSaid(options)
  parts.signal?.throwIfAborted()
  const config = await files.json('config.json', parseChineseCLIPConfig)
  const preprocessing = await files.json('preprocessor_config.json', parsePreprocessorConfig)
  const tokenizer = await BertTokenizer.fromFolder(files)
  const weights = await openWeights(await files.open('model.safetensors'))
  try {
    return await ChineseCLIP.load({ ...parts, weights, config, preprocessing, tokenizer })
  } finally {
    await weights.close()
  }
}
