import type { Image } from '@viscpm/core'
import { DisposedError } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import { PictureConversation } from '../conversation.js'
import { type Checkers, checkInput } from '../guard.js'
import type { Asked } from '../prompt.js'
import type { AskOptions, ChatAnswer, Conversation, ConversationOptions, DecodingOptions } from '../types.js'
import type { ChatInfo, HostedChatService } from './hosted-service.js'
import type { LoadOptions } from './load.js'

export interface HostChatOptions extends LoadOptions {
  /** 'worker' (default): a thread. 'process': a child process, whose crash leaves this one alive. */
  readonly kind?: 'worker' | 'process'
}

/**
 * A VisCPMChat that runs elsewhere: same conversations, but this thread stays free while the model works.
 * Safety checkers run here, before anything is sent.
 */
export class HostedChat implements ChatInfo {
  readonly name: string
  readonly languages: readonly string[]
  readonly defaults: DecodingOptions
  private pictures = 0
  private disposed = false
  /** Tells the hosted side when nobody can ask about a picture any more. */
  private readonly forgotten = new FinalizationRegistry<number>(picture => {
    if (!this.disposed) void this.host.call('drop', [picture]).catch(() => {})
  })

  /** @internal made by `hostChat` */
  constructor(
    private readonly host: Host<HostedChatService>,
    private readonly checkers: Checkers,
    info: ChatInfo,
  ) {
    this.name = info.name
    this.languages = info.languages
    this.defaults = info.defaults
  }

  /** Starts a talk about a picture. */
  conversation(image: Image, { syntax = 'text' }: ConversationOptions = {}): Conversation {
    const picture = this.pictures++
    let sent: Promise<void> | undefined
    const talk = new PictureConversation(image, (turns, question, options) => {
      const asked: Asked = { turns, question, syntax }
      const send = () => {
        sent ??= this.host.call('keep', [picture, image])
        return sent
      }
      return this.answer(image, picture, send, asked, options)
    })
    this.forgotten.register(talk, picture)
    return talk
  }

  /** One question about one picture. */
  ask(image: Image, question: string, options: AskOptions = {}): Promise<ChatAnswer> {
    return this.conversation(image).ask(question, options)
  }

  private async *answer(
    image: Image,
    picture: number,
    send: () => Promise<void>,
    asked: Asked,
    options: AskOptions,
  ): AsyncGenerator<string, ChatAnswer> {
    if (this.disposed) throw new DisposedError({ message: 'this chat was disposed' })
    const { signal, onProgress, ...decoding } = options
    const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    const safety = await checkInput(this.checkers, image, asked.question, task)
    await send()
    for await (const item of this.host.stream('answer', [picture, asked, decoding], task))
      if (typeof item === 'string') yield item
      else return { ...item.answer, safety }
    throw new DisposedError({ message: 'the hosted chat ended before its answer' })
  }

  /** Stops what runs, frees the weights, ends the thread or process. Idempotent. */
  async dispose(): Promise<void> {
    this.disposed = true
    await this.host.dispose()
  }
}

/**
 * Loads a model in a thread or process of its own; `where` and errors as in `VisCPMChat.load`.
 * @throws HostCrashedError when the thread or process dies
 */
export async function hostChat(where: string, options: HostChatOptions = {}): Promise<HostedChat> {
  const { kind = 'worker', signal, onProgress, logger, imageChecker, promptChecker, ...load } = options
  const host = await createHost<HostedChatService>({
    module: new URL(import.meta.url.endsWith('.ts') ? './hosted-service.ts' : './hosted-service.js', import.meta.url),
    export: 'hostedChat',
    args: [where, load],
    kind,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(logger && { logger }),
  })
  try {
    const checkers = { ...(imageChecker && { imageChecker }), ...(promptChecker && { promptChecker }) }
    return new HostedChat(host, checkers, await host.call('info', []))
  } catch (error) {
    await host.dispose()
    throw error
  }
}
