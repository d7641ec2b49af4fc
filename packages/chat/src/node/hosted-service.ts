import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import type { ChatAnswer, DecodingOptions } from '../index.js'
import type { VisCPMChat as PureVisCPMChat } from '../pipeline.js'
import type { Asked } from '../prompt.js'
import { type LoadOptions, VisCPMChat } from './load.js'

/** What can be copied to another thread: everything but functions and signals. */
export type HostableOptions = Omit<LoadOptions, 'signal' | 'onProgress' | 'imageChecker' | 'promptChecker' | 'logger'>

export interface ChatInfo {
  readonly name: string
  readonly languages: readonly string[]
  readonly defaults: DecodingOptions
}

/** The last item of an answer's stream; those before are texts. */
export interface AnswerEnd {
  readonly answer: ChatAnswer
}

/** A chat in a thread or process of its own. Pictures are sent once and known by number. */
export class HostedChatService {
  private readonly pictures = new Map<number, Image>()

  constructor(private readonly chat: PureVisCPMChat) {}

  info(): ChatInfo {
    const { name, languages, defaults } = this.chat
    return { name, languages, defaults }
  }

  keep(picture: number, image: Image): void {
    this.pictures.set(picture, image)
  }

  drop(picture: number): void {
    this.pictures.delete(picture)
  }

  async *answer(
    picture: number,
    asked: Asked,
    options: DecodingOptions,
    { signal, onProgress }: HostContext,
  ): AsyncGenerator<string | AnswerEnd> {
    const answer = yield* this.chat.answer(this.pictures.get(picture)!, asked, { ...options, signal, onProgress })
    yield { answer }
  }

  async dispose(): Promise<void> {
    await this.chat.dispose()
  }
}

/** Makes the service; called on the hosted side. */
export async function hostedChat(
  where: string,
  options: HostableOptions,
  { signal, onProgress, logger }: HostContext,
): Promise<HostedChatService> {
  return new HostedChatService(await VisCPMChat.load(where, { ...options, signal, onProgress, logger }))
}
