import type { SessionOptions } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint, openModelFolder } from '@viscpm/core/node'
import { onCpuUnlessSaid } from '@viscpm/core/session'
import { BertTokenizer } from '@viscpm/core/transformers'
import { BertPromptChecker, type BertPromptRule, parseBertClassifierConfig } from '../bert/index.js'
import { hashOfWeights } from './hash.js'

export interface LoadBertPromptCheckerOptions extends BertPromptRule, SessionOptions {
  /** File of the weights. Default: the folder's model.safetensors, its sharded index, or pytorch_model.bin. */
  readonly weights?: string
  /** How it calls itself. Default 'bert-prompt-checker'. */
  readonly name?: string
}

/**
 * Loads a prompt checker from a folder as transformers has it: `config.json` of a BertForSequenceClassification,
 * `vocab.txt`, the weights, and `tokenizer_config.json` if it is there. The verdicts' `modelHash` is the weights' SHA-256.
 * @throws FileNotFoundError, FileFormatError, UnsafePickleError, MissingDependencyError, and what
 * `BertPromptChecker.load` throws
 */
export async function loadBertPromptChecker(
  folder: string,
  options: LoadBertPromptCheckerOptions = {},
): Promise<BertPromptChecker> {
  const { weights: file, ...rest } = onCpuUnlessSaid(options)
  rest.signal?.throwIfAborted()
  const files = await openModelFolder(folder, 'config.json, vocab.txt and the weights')
  const config = await files.json('config.json', parseBertClassifierConfig)
  const tokenizer = await BertTokenizer.fromFolder(files)
  const weights = await openCheckpoint(file ?? folder)
  try {
    const modelHash = () => hashOfWeights(weights, rest.signal)
    const backend = onnxruntimeNode()
    return await BertPromptChecker.load({ ...rest, weights, config, tokenizer, backend, modelHash })
  } finally {
    // The session has mapped or copied what it needs.
    await weights.close()
  }
}
