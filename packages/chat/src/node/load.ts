import type { Logger, SessionOptions } from '@viscpm/core'
import { chatFacts } from '@viscpm/core/cost'
import { onnxruntimeNode } from '@viscpm/core/node'
import type { KeyValueDType } from '@viscpm/cpm-bee'
import { type SafetyParts, safetyOf } from '@viscpm/safety'
import { parseChatConfig, parseGenerationConfig, publishedChat } from '../config.js'
import { VisCPMChat as PureVisCPMChat } from '../pipeline.js'
import { chooseMode, type MemoryOptions } from './choose-mode.js'
import { type ModelPlace, openModel } from './open-model.js'
import { readJson } from './places.js'

export interface LoadOptions extends SessionOptions, ModelPlace, SafetyParts, MemoryOptions {
  readonly logger?: Logger
  /** As in `ChatParts`. */
  readonly kvCache?: KeyValueDType
  /** As in `ChatParts`. */
  readonly releaseVision?: boolean
}

/** VisCPM-Chat from files; see `VisCPMChat` of '@viscpm/chat'. */
export class VisCPMChat extends PureVisCPMChat {
  /**
   * Loads a model: `where` is 'tiny' (the embedded one), a folder, a checkpoint file as published, or a hub's id such as
   * 'openbmb/VisCPM-Chat', which is downloaded once (with @viscpm/models; see `hub`).
   * @throws FileNotFoundError, FileFormatError, UnsafePickleError, VocabularyError, ConfigError, MissingKeyError,
   * UnexpectedKeyError, WrongShapeError, MissingDependencyError, InsufficientMemoryError; for ids LicenseError, OfflineError,
   * DownloadError; the signal's reason when aborted
   */
  static async load(where: string, options: LoadOptions = {}): Promise<PureVisCPMChat> {
    const { vocabulary: _vocabulary, config: _config, memory: _memory, hub: _hub, ...parts } = options
    parts.signal?.throwIfAborted()
    safetyOf(parts) // refuses what is none before anything is read
    parts.onProgress?.({ phase: 'open', done: 0, total: 1, unit: 'steps' })
    const model = await openModel(where, options, ['viscpm-chat'])
    try {
      const { weights, tokenizer, files } = model
      const generation = files.generation ? parseGenerationConfig(await readJson(files.generation)) : {}
      const mode = chooseMode(where, chatFacts(model.source, model.report), model.keepHalf, options, generation)
      const chat = await PureVisCPMChat.create({
        ...parts,
        ...mode,
        weights,
        tokenizer,
        config: model.config === undefined ? publishedChat : parseChatConfig(model.config),
        generation,
        backend: onnxruntimeNode(),
        onDispose: () => model.weights.close(),
      })
      // Sessions that are kept have mapped or copied what they need.
      if (!mode.releaseVision) await weights.close()
      return chat
    } catch (error) {
      await model.weights.close()
      throw error
    }
  }
}
