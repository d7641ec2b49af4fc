import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { offPolicy, Safety, type SafetyParts } from '@viscpm/safety'
import type { AnswerScore, ChatAnswer, DecodingOptions, PromptUsage } from '../index.js'
import type { VisCPMChat as PureVisCPMChat } from '../pipeline.js'
import type { Asked } from '../prompt.js'
import type { ScoreOptions } from '../score.js'
import { type LoadOptions, VisCPMChat } from './load.js'

/** What can be copied to another thread: everything but functions and signals. */
export type HostableOptions = Omit<LoadOptions, 'signal' | 'onProgress' | 'logger' | keyof SafetyParts>

export interface ChatInfo {
  readonly name: string
  readonly languages: readonly string[]
  readonly defaults: DecodingOptions
}

/** What an answer's stream begins with, the texts that follow, and its last item. */
export type AnswerItem = { readonly prompt: PromptUsage } | string | { readonly answer: ChatAnswer }

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
  ): AsyncGenerator<AnswerItem> {
    let prompt: PromptUsage | undefined
    const told = { ...options, signal, onProgress, onPrompt: (read: PromptUsage) => (prompt = read) }
    const answering = this.chat.answer(this.pictures.get(picture)!, asked, told)
    try {
      for (;;) {
        const next = await answering.next()
        if (prompt) yield { prompt }
        prompt = undefined
        if (next.done) return yield { answer: next.value }
        yield next.value
      }
    } finally {
      await answering.return(undefined as never) // ends it where the caller left early; else it has ended
    }
  }

  score(
    picture: number | undefined,
    question: string,
    answers: readonly string[],
    options: Omit<ScoreOptions, 'signal' | 'onProgress'>,
    { signal, onProgress }: HostContext,
  ): Promise<AnswerScore[]> {
    const image = picture === undefined ? undefined : this.pictures.get(picture)!
    return this.chat.score(image, question, answers, { ...options, signal, onProgress })
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
  // All is checked on the caller's side, before it is sent and after it came.
  const safety = new Safety({ policy: offPolicy })
  return new HostedChatService(await VisCPMChat.load(where, { ...options, signal, onProgress, logger, safety }))
}
