import type { Image } from '@viscpm/core'
import { DisposedError, languageOf } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import { type Safety, safetyOf } from '@viscpm/safety'
import { type Answerer, checkImage, PictureConversation } from '../conversation.js'
import { ChatGuard, passedOn, withAnswer } from '../guard.js'
import type { Asked } from '../prompt.js'
import type { AnswerScore, ScoreOptions } from '../score.js'
import type {
  AskOptions,
  ChatAnswer,
  Conversation,
  ConversationOptions,
  DecodingOptions,
  PromptUsage,
} from '../types.js'
import type { ChatInfo, HostedChatService } from './hosted-service.js'
import type { LoadOptions } from './load.js'

export interface HostChatOptions extends LoadOptions {
  /**
   * 'worker': a thread. 'process': a child process, whose crash leaves this one alive, and which gives back what it frees. Default
   * 'process' where memory is to be saved (`memory`, `releaseVision`), else 'worker'.
   */
  readonly kind?: 'worker' | 'process'
}

/**
 * A VisCPMChat that runs elsewhere: same conversations, but this thread stays free while the model works.
 * Safety checkers run here, before anything is sent and as the answer comes.
 */
export class HostedChat implements ChatInfo {
  readonly name: string
  readonly languages: readonly string[]
  readonly defaults: DecodingOptions
  private readonly guard: ChatGuard
  private pictures = 0
  private disposed = false
  /** Tells the hosted side when nobody can ask about a picture any more. */
  private readonly forgotten = new FinalizationRegistry<number>(picture => {
    if (!this.disposed) void this.host.call('drop', [picture]).catch(() => {})
  })

  /** @internal made by `hostChat` */
  constructor(
    private readonly host: Host<HostedChatService>,
    readonly safety: Safety,
    info: ChatInfo,
  ) {
    this.guard = new ChatGuard(safety)
    this.name = info.name
    this.languages = info.languages
    this.defaults = info.defaults
  }

  /** Starts a talk about a picture. */
  conversation(image: Image, { syntax = 'text', turns: before }: ConversationOptions = {}): Conversation {
    const picture = this.pictures++
    let sent: Promise<void> | undefined
    const send = () => {
      sent ??= this.host.call('keep', [picture, image])
      return sent
    }
    const answer: Answerer = (turns, question, options) =>
      this.answer(image, picture, send, { turns, question, syntax }, options)
    const talk = new PictureConversation(image, answer, before)
    this.forgotten.register(talk, picture)
    return talk
  }

  /** One question about one picture. */
  ask(image: Image, question: string, options: AskOptions = {}): Promise<ChatAnswer> {
    return this.conversation(image).ask(question, options)
  }

  /** As `VisCPMChat.score`. @throws as that, and HostCrashedError */
  async score(
    image: Image | undefined,
    question: string,
    answers: readonly string[],
    { signal, onProgress, ...options }: ScoreOptions = {},
  ): Promise<AnswerScore[]> {
    if (this.disposed) throw new DisposedError({ message: 'this chat was disposed' })
    if (image) checkImage(image)
    const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    const { turns = [], syntax = 'text' } = options
    await this.guard.input(image, { turns, question, syntax }, task)
    if (!image) return this.host.call('score', [undefined, question, answers, options], task)
    const picture = this.pictures++
    await this.host.call('keep', [picture, image])
    try {
      return await this.host.call('score', [picture, question, answers, options], task)
    } finally {
      if (!this.disposed) await this.host.call('drop', [picture])
    }
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
    const start = performance.now()
    const safety = await this.guard.input(image, asked, task)
    await send()
    let prompt: PromptUsage | undefined
    let pieces = 0
    const items = this.host.stream('answer', [picture, asked, decoding], task)
    const answer = async function* (): AsyncGenerator<string, ChatAnswer> {
      // Read to its end: leaving at the answer would be one more message to the other side.
      let answered: ChatAnswer | undefined
      for await (const item of items)
        if (typeof item === 'string') {
          pieces++
          yield item
        } else if ('prompt' in item) prompt = item.prompt
        else answered = item.answer
      if (answered) return answered
      throw new DisposedError({ message: 'the hosted chat ended before its answer' })
    }
    const checked = yield* passedOn(this.guard.output(answer(), task))
    if (!checked.blocked) return { ...checked.value!, safety: withAnswer(safety, checked) }
    const { text } = checked
    const { promptTokens, imageTokens, droppedTurns } = prompt!
    return {
      text,
      language: languageOf(text),
      finishReason: 'blocked',
      usage: { promptTokens, imageTokens, completionTokens: pieces },
      timings: { vision: 0, prefill: 0, decode: 0, total: performance.now() - start },
      safety: withAnswer(safety, checked),
      droppedTurns,
    }
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
  const saves = options.releaseVision || (options.memory !== undefined && options.memory !== 'normal')
  const {
    kind = saves ? 'process' : 'worker',
    signal,
    onProgress,
    logger,
    safety,
    imageChecker,
    promptChecker,
    ...load
  } = options
  const guarding = safetyOf({
    ...(safety && { safety }),
    ...(imageChecker && { imageChecker }),
    ...(promptChecker && { promptChecker }),
  })
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
    return new HostedChat(host, guarding, await host.call('info', []))
  } catch (error) {
    await host.dispose()
    throw error
  }
}
