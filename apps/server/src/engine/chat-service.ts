import type { ChatAnswer, VisCPMChat as PureVisCPMChat } from '@viscpm/chat'
import { VisCPMChat } from '@viscpm/chat/node'
import type { HostContext } from '@viscpm/core/host'
import type { SafetySetup } from '@viscpm/safety'
import { buildSafety, type OpenSafety } from '@viscpm/safety/node'
import type { ChatRequest } from '../jobs/types.js'
import type { LoadSettings } from './options.js'
import { decodePicture } from './picture.js'
import { sparseProgress } from './sparse-progress.js'

export interface ChatModelInfo {
  readonly name: string
  readonly languages: readonly string[]
}

/** What was added to an answer, and at last the whole. */
export type ChatItem = string | { readonly answer: ChatAnswer }

/** A chat in a process of its own: pictures are decoded and everything is checked there. */
export class ChatService {
  constructor(
    private readonly chat: PureVisCPMChat,
    private readonly guarding: OpenSafety,
  ) {}

  info(): ChatModelInfo {
    const { name, languages } = this.chat
    return { name, languages }
  }

  async *answer(
    { image, turns, question, decoding }: Omit<ChatRequest, 'kind' | 'model'>,
    { signal, onProgress }: HostContext,
  ): AsyncGenerator<ChatItem> {
    const picture = await decodePicture(image)
    const answering = this.chat.answer(
      picture,
      { turns, question, syntax: 'text' },
      { ...decoding, signal, onProgress: sparseProgress(onProgress) },
    )
    try {
      for (;;) {
        const next = await answering.next()
        if (next.done) return yield { answer: next.value }
        yield next.value
      }
    } finally {
      await answering.return(undefined as never) // ends it where the caller left early; else it has ended
    }
  }

  async dispose(): Promise<void> {
    await this.chat.dispose()
    await this.guarding.dispose()
  }
}

/** Makes the service; called in its process. */
export async function chatService(
  where: string,
  settings: LoadSettings,
  setup: SafetySetup,
  { signal, onProgress, logger }: HostContext,
): Promise<ChatService> {
  const guarding = await buildSafety(setup, { signal, onProgress })
  try {
    const { safety } = guarding
    return new ChatService(await VisCPMChat.load(where, { ...settings, safety, signal, onProgress, logger }), guarding)
  } catch (error) {
    await guarding.dispose()
    throw error
  }
}
