import type { Logger, SessionOptions } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import type { KeyValueDType } from '@viscpm/cpm-bee'
import { type SafetyParts, safetyOf } from '@viscpm/safety'
import { parseChatConfig, parseGenerationConfig, publishedChat } from '../config.js'
import { VisCPMChat as PureVisCPMChat } from '../pipeline.js'
import { type ModelPlace, openModel } from './open-model.js'
import { readJson } from './places.js'

export interface LoadOptions extends SessionOptions, ModelPlace, SafetyParts {
  readonly logger?: Logger
  /** As in `ChatParts`. */
  readonly kvCache?: KeyValueDType
}

/** VisCPM-Chat from files; see `VisCPMChat` of '@viscpm/chat'. */
export class VisCPMChat extends PureVisCPMChat {
  /**
   * Loads a model: `where` is 'tiny' (the embedded one), a folder, or a checkpoint file as published.
   * @throws FileNotFoundError, FileFormatError, UnsafePickleError, VocabularyError, ConfigError, MissingKeyError,
   * UnexpectedKeyError, WrongShapeError, MissingDependencyError; the signal's reason when aborted
   */
  static async load(where: string, options: LoadOptions = {}): Promise<PureVisCPMChat> {
    const { vocabulary: _vocabulary, config: _config, ...parts } = options
    parts.signal?.throwIfAborted()
    safetyOf(parts) // refuses what is none before anything is read
    parts.onProgress?.({ phase: 'open', done: 0, total: 1, unit: 'steps' })
    const model = await openModel(where, options, ['viscpm-chat'])
    try {
      const { weights, tokenizer, keepHalf, files } = model
      return await PureVisCPMChat.create({
        keepHalf,
        ...parts,
        weights,
        tokenizer,
        config: model.config === undefined ? publishedChat : parseChatConfig(model.config),
        generation: files.generation ? parseGenerationConfig(await readJson(files.generation)) : {},
        backend: onnxruntimeNode(),
      })
    } finally {
      // The sessions have mapped or copied what they need.
      await model.weights.close()
    }
  }
}
