import { FileFormatError } from '@viscpm/core'
import { openWebFolder, type WebFolder, type WebFolderOptions } from '@viscpm/core/web'
import { detectCheckpoint, openWeights, withPrefix } from '@viscpm/core/weights'
import { safetyOf } from '@viscpm/safety'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { parseChatConfig, parseGenerationConfig } from '../config.js'
import { type ChatParts, VisCPMChat as PureVisCPMChat } from '../pipeline.js'

export interface LoadOptions
  extends Omit<ChatParts, 'weights' | 'config' | 'tokenizer' | 'generation' | 'onDispose'>,
    Pick<WebFolderOptions, 'cache'> {}

/** VisCPM-Chat in a browser; see `VisCPMChat` of '@viscpm/chat'. */
export class VisCPMChat extends PureVisCPMChat {
  /**
   * Loads a model from a server's folder: `config.json`, `bee.txt`, `model.safetensors`, `SHA256SUMS`, and
   * `generation_config.json` if it is there. The browser keeps the files.
   * @param where the folder's address, or what `openWebFolder` of '@viscpm/core/web' gave
   * @throws FileNotFoundError, FileFormatError, VocabularyError, ConfigError, MissingKeyError, UnexpectedKeyError,
   * WrongShapeError, MissingDependencyError; the signal's reason when aborted
   */
  static async load(where: string | URL | WebFolder, options: LoadOptions): Promise<PureVisCPMChat> {
    const { cache, ...parts } = options
    parts.signal?.throwIfAborted()
    safetyOf(parts) // refuses what is none before anything is read
    parts.onProgress?.({ phase: 'open', done: 0, total: 1, unit: 'steps' })
    const files = isFolder(where) ? where : await openWebFolder(where, options)
    const config = await files.json('config.json', parseChatConfig)
    const generation = (await files.jsonIfThere('generation_config.json', parseGenerationConfig)) ?? {}
    const tokenizer = CpmBeeTokenizer.fromVocabulary(await files.bytes('bee.txt'), files.at('bee.txt'))
    const opened = await openWeights(await files.open('model.safetensors'))
    try {
      const report = detectCheckpoint(opened)
      if (report.kind !== 'viscpm-chat')
        throw new FileFormatError({
          file: opened.name,
          message: `is no viscpm-chat checkpoint (found: ${report.kind})`,
        })
      const weights = report.prefix ? withPrefix(opened, report.prefix) : opened
      const chat = await PureVisCPMChat.create({
        ...parts,
        weights,
        config,
        tokenizer,
        generation,
        onDispose: () => opened.close(),
      })
      // Sessions that are kept have copied what they need.
      if (!parts.releaseVision) await opened.close()
      return chat
    } catch (error) {
      await opened.close()
      throw error
    }
  }
}

function isFolder(where: string | URL | WebFolder): where is WebFolder {
  return typeof where === 'object' && 'open' in where
}
