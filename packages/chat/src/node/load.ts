import { readFile } from 'node:fs/promises'
import {
  ConfigError,
  FileFormatError,
  type ImageChecker,
  type Logger,
  type PromptChecker,
  type SessionOptions,
  type WeightSource,
} from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { detectCheckpoint } from '@viscpm/core/weights'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { parseChatConfig, parseGenerationConfig, publishedChat } from '../config.js'
import { type ChatParts, VisCPMChat as PureVisCPMChat } from '../pipeline.js'
import { findModel, readJson } from './places.js'

export interface LoadOptions extends SessionOptions {
  /** Vocabulary file; default: bee.txt beside the weights. */
  readonly vocabulary?: string
  /** Configuration file; default: config.json beside the weights, else the published sizes. */
  readonly config?: string
  readonly imageChecker?: ImageChecker
  readonly promptChecker?: PromptChecker
  readonly logger?: Logger
}

/** Above this many bytes of half-precision weights, float32 copies of them would not fit an ordinary machine. */
const keepHalfAbove = 2 * 2 ** 30

/** Half-precision bytes of a checkpoint. */
function halfBytes(weights: WeightSource): number {
  let bytes = 0
  for (const key of weights.keys()) {
    const { dtype, nbytes } = weights.info(key)
    if (dtype === 'float16' || dtype === 'bfloat16') bytes += nbytes
  }
  return bytes
}

/** Opens everything that a chat is made of; the weights stay where they are. */
async function openParts(where: string, options: LoadOptions): Promise<ChatParts> {
  const files = await findModel(where, options)
  options.onProgress?.({ phase: 'open', done: 0 })
  const weights = await openCheckpoint(files.weights)
  try {
    const found = detectCheckpoint(weights)
    if (found.kind !== 'viscpm-chat')
      throw new FileFormatError({
        file: weights.name,
        message: `is no VisCPM-Chat checkpoint (found: ${found.kind})`,
        hint: `'viscpm inspect ${weights.name}' shows what it is.`,
      })
    if (!files.config && !found.published)
      throw new ConfigError({
        field: 'config.json',
        message: `the sizes of ${weights.name} are not the published ones, and no configuration lies beside it`,
        hint: "Give one with --config FILE (option 'config').",
      })
    const config = files.config ? parseChatConfig(await readJson(files.config)) : publishedChat
    const tokenizer = CpmBeeTokenizer.fromVocabulary(await readFile(files.vocabulary), files.vocabulary)
    const generation = files.generation ? parseGenerationConfig(await readJson(files.generation)) : {}
    const { vocabulary: _v, config: _c, ...session } = options
    return {
      keepHalf: halfBytes(weights) > keepHalfAbove,
      ...session,
      weights,
      config,
      tokenizer,
      generation,
      backend: onnxruntimeNode(),
    }
  } catch (error) {
    await weights.close()
    throw error
  }
}

/** VisCPM-Chat from files; see `VisCPMChat` of '@viscpm/chat'. */
export class VisCPMChat extends PureVisCPMChat {
  /**
   * Loads a model: `where` is 'tiny' (the embedded one), a folder, or a checkpoint file as published.
   * @throws FileNotFoundError, FileFormatError, UnsafePickleError, VocabularyError, ConfigError, MissingKeyError,
   * UnexpectedKeyError, WrongShapeError, MissingDependencyError; the signal's reason when aborted
   */
  static async load(where: string, options: LoadOptions = {}): Promise<PureVisCPMChat> {
    options.signal?.throwIfAborted()
    const parts = await openParts(where, options)
    try {
      return await PureVisCPMChat.create(parts)
    } finally {
      // The sessions have mapped or copied what they need.
      await parts.weights.close()
    }
  }
}
