import { BlockedInputError, type ChatAnswer, type VisCPMChat } from '@viscpm/chat'
import type { TaskOptions } from '@viscpm/core'
import { canvasCodec } from '@viscpm/core/web'
import type { ChatReply, ChatRequest } from '../types.js'
import { blockedNotes, chatNotes } from './safety-notes.js'

/** A request as it is sent to the worker. */
export type SentChat = Omit<ChatRequest, 'signal' | 'onText' | 'onProgress'>

/** What was added to the answer, and last the reply. */
export type ChatItem = string | { readonly reply: ChatReply }

/** @throws what `VisCPMChat.answer` throws, but for what a checker blocks: that is a reply */
export async function* answer(
  chat: VisCPMChat,
  { picture, turns, question, decoding, maxNewTokens }: SentChat,
  task: TaskOptions,
): AsyncGenerator<ChatItem> {
  const start = performance.now()
  const bytes = new Uint8Array(await picture.arrayBuffer())
  // Clipped as Pillow does, 16-bit grey is nearly white: good for comparing with the original only.
  const image = await canvasCodec().decode(bytes, { grey16: 'scale' })
  const options = { decoding, ...(maxNewTokens !== undefined && { maxNewTokens }), ...task }
  const answering = chat.answer(image, { turns, question, syntax: 'text' }, options)
  const took = () => performance.now() - start
  try {
    for (;;) {
      const next = await answering.next()
      if (next.done) return yield { reply: replyOf(next.value, took()) }
      yield next.value
    }
  } catch (error) {
    if (!(error instanceof BlockedInputError)) throw error
    const usage = { promptTokens: 0, completionTokens: 0 }
    yield { reply: { text: '', finishReason: 'blocked', usage, safety: blockedNotes(error), took: took() } }
  } finally {
    await answering.return(undefined as never) // ends it where the caller left early; else it has ended
  }
}

function replyOf({ text, finishReason, usage, safety }: ChatAnswer, took: number): ChatReply {
  const { promptTokens, completionTokens } = usage
  return { text, finishReason, usage: { promptTokens, completionTokens }, safety: chatNotes(safety), took }
}
